/** A static host as they are: gzip for what shrinks, ETags, an optional limit of bytes a second; it counts what it sends. */
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
/** The page whose threads may share memory, and scripts, which must say so too where they become workers of it. */
const ISOLATED = /\/bench\/page\/(isolated\.html|.+\.js)$/;
/** Larger files are sent as they are, by stream. */
const MAX_GZIP = 40e6;

export interface BenchServer {
  url: string;
  /** Bytes of all bodies sent so far, as they went over the wire. */
  sent(): number;
  /** Limits all answers together; Infinity for none. */
  limit(bytesPerSecond: number): void;
  close(): void;
}

/** Serves folders under path prefixes; the longest prefix that fits wins. */
export async function startServer(folders: Record<string, string>): Promise<BenchServer> {
  const zipped = new Map<string, Buffer>();
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  let sent = 0;
  let rate = Infinity;
  let free = 0;

  /** When `bytes` more may be on their way, in ms from now. */
  function wait(bytes: number): number {
    if (rate === Infinity) return 0;
    const now = performance.now();
    free = Math.max(free, now) + (bytes / rate) * 1000;
    return free - now;
  }

  async function send(body: Buffer, response: ServerResponse): Promise<void> {
    const part = rate === Infinity ? body.length : 32_768;
    for (let at = 0; at < body.length; at += part) {
      const chunk = body.subarray(at, at + part);
      const pause = wait(chunk.length);
      if (pause > 0) await new Promise((done) => setTimeout(done, pause));
      sent += chunk.length;
      response.write(chunk);
    }
    response.end();
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    const prefix = prefixes.find((start) => path.startsWith(start))!;
    const file = normalize(join(folders[prefix]!, path.slice(prefix.length)));
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found');
      return;
    }
    const { size, mtimeMs } = statSync(file);
    const etag = `"${size.toString(16)}-${Math.trunc(mtimeMs).toString(16)}"`;
    const headers: Record<string, string | number> = {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Cache-Control': /\/assets\/.*-[\w-]{8}\.\w+$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: etag,
      ...(ISOLATED.test(path) && { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }),
    };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
    } else if (size > MAX_GZIP || request.headers['accept-encoding']?.includes('gzip') !== true) {
      response.writeHead(200, { ...headers, 'Content-Length': size });
      sent += size;
      createReadStream(file).pipe(response);
    } else {
      const body = zipped.get(file) ?? gzipSync(readFileSync(file));
      zipped.set(file, body);
      response.writeHead(200, { ...headers, 'Content-Encoding': 'gzip', 'Content-Length': body.length });
      await send(body, response);
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sent: () => sent,
    limit: (bytesPerSecond) => {
      rate = bytesPerSecond;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
