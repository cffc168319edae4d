// Serves a built folder as any static host would, with the headers that the README recommends.
// Usage: node bin/serve.mjs [FOLDER=dist] [--port N] [--base /path/] [--plain]   (--plain: no headers at all, as on the barest host)
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** Isolation gives WASM threads; the rest is what the site needs to be embedded and no more. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

/** The path of an address, decoded; undefined for one that no browser sends, which must not end the server. */
function pathOf(address) {
  try {
    return decodeURIComponent(new URL(address, 'http://host').pathname);
  } catch {
    return undefined;
  }
}

/** Starts a server on `port` (0: any free one). Resolves to the server and its address. */
export async function serve(folder, { port = 0, base = '/', plain = false, host = '127.0.0.1' } = {}) {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    const path = pathOf(request.url);
    const inside = path?.startsWith(base) ? path.slice(base.length) : undefined;
    let file = inside === undefined ? undefined : normalize(join(root, inside));
    if (file && file !== root && !file.startsWith(root + sep)) file = undefined;
    let info = file && (await stat(file).catch(() => undefined));
    if (info?.isDirectory()) {
      file = join(file, 'index.html');
      info = await stat(file).catch(() => undefined);
    }
    const headers = plain ? {} : { ...HEADERS };
    if (!info) {
      response.writeHead(404, { ...headers, 'Content-Type': 'text/plain' }).end('Not found');
      return;
    }
    const etag = `"${info.size.toString(16)}-${Math.trunc(info.mtimeMs).toString(16)}"`;
    headers['Content-Type'] = TYPES[extname(file)] ?? 'application/octet-stream';
    headers['ETag'] = etag;
    headers['Cache-Control'] = /\/assets\/.*-[\w-]{8}\.\w+$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, 'Content-Length': info.size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, host, done));
  return { server, url: `http://${host}:${server.address().port}${base}` };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
  const folder = process.argv[2]?.startsWith('--') ? 'dist' : (process.argv[2] ?? 'dist');
  const { url } = await serve(folder, {
    port: Number(option('--port') ?? 4173),
    base: option('--base') ?? '/',
    plain: process.argv.includes('--plain'),
  });
  console.log(`Verselet is at ${url}`);
}
