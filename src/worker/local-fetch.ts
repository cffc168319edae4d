import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** `fetch` that also reads `file:` addresses, as Node's own does not. */
export const localFetch: typeof fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.protocol !== 'file:') return fetch(input, init);
  try {
    const bytes = await readFile(fileURLToPath(url));
    return new Response(bytes, { headers: { 'Content-Length': String(bytes.length) } });
  } catch {
    return new Response('Not found', { status: 404 });
  }
};
