import { VerseletError } from '../errors.ts';

/**
 * Loads the data files that ship beside the page, each once.
 * @returns a loader; it rejects with `network` when the file cannot be had.
 */
export function tableLoader(base: string, fetchFile: typeof fetch = (input, init) => fetch(input, init)): (name: string) => Promise<Uint8Array> {
  const loaded = new Map<string, Promise<Uint8Array>>();
  return (name) => {
    const known = loaded.get(name);
    if (known) return known;
    const loading = fetchTable(new URL(`data/${name}`, base).href, fetchFile);
    loaded.set(name, loading);
    // A failure is not remembered: the next poem asks again.
    loading.catch(() => loaded.delete(name));
    return loading;
  };
}

async function fetchTable(url: string, fetchFile: typeof fetch): Promise<Uint8Array> {
  const response = await fetchFile(url).catch((cause: unknown) => {
    throw new VerseletError('network', `${url} could not be fetched.`, { cause });
  });
  if (!response.ok) throw new VerseletError('network', `${url} answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}
