/** What can go wrong on the way of one answer, on purpose. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

export type FaultKind =
  /** The socket is destroyed after `at` of the body. */
  | 'cut'
  /** The body ends cleanly after `at`, and Content-Length agrees with the short body. */
  | 'short'
  /** Extra bytes follow the body. */
  | 'long'
  /** Content-Length promises more than comes. */
  | 'length'
  /** One bit of the byte at `at` is wrong. */
  | 'flip'
  /** `status` (and `retryAfter`) in place of the answer. */
  | 'status'
  | 'redirect-loop'
  /** No CORS headers. */
  | 'no-cors'
  /** Silence after `at` of the body, with the connection open. */
  | 'stall'
  /** A sign-in page with status 200. */
  | 'html'
  /** Another ETag than before. */
  | 'etag'
  /** The hub hands out an address that the second host refuses. */
  | 'expired'
  /** The Range header is ignored: status 200 and everything. */
  | 'no-range'
  /** No Content-Length (chunked). */
  | 'no-length'
  /** Compressed on the way, all of it whatever the Range, with the length of the compressed body. */
  | 'gzip';

export interface Fault {
  kind: FaultKind;
  /** Part of the path; default: any. */
  match?: string;
  /** Which host misbehaves; default: the first one that is asked (files of the hub: `cdn` sends the bytes). */
  on?: 'hub' | 'cdn';
  /** Share of what would be sent, 0 to 1; default 0.5. */
  at?: number;
  /** How often; default once. */
  times?: number;
  status?: number;
  /** Seconds, or an HTTP date. */
  retryAfter?: string;
}

export class FaultBox {
  #faults: Fault[] = [];
  #stallers: (() => void)[] = [];
  #stalls = 0;

  add(fault: Fault): void {
    this.#faults.push({ ...fault });
  }

  clear(): void {
    this.#faults = [];
    this.#stallers = [];
    this.#stalls = 0;
  }

  /** The first fault for this request, used up by one. */
  take(server: 'hub' | 'cdn', path: string): Fault | undefined {
    const fault = this.#faults.find(
      ({ match, on, times }) => (times ?? 1) > 0 && path.includes(match ?? '') && (on === undefined || on === server),
    );
    if (fault !== undefined) fault.times = (fault.times ?? 1) - 1;
    return fault;
  }

  stalled(): Promise<void> {
    if (this.#stalls > 0) {
      this.#stalls -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#stallers.push(resolve));
  }

  stall(): void {
    const waiting = this.#stallers.shift();
    if (waiting === undefined) this.#stalls += 1;
    else waiting();
  }
}

export interface Sending {
  body: Uint8Array;
  etag: string;
  request: IncomingMessage;
  response: ServerResponse;
  entry: { from: number; status: number; sent: number };
  fault: Fault | undefined;
  faults: FaultBox;
}

const PIECE = 64 * 1024;

/** Sends a body with Range and ETag, or what the fault makes of it. */
export function sendBody(sending: Sending): void {
  const { body, response, entry, fault, request } = sending;
  response.setHeader('ETag', fault?.kind === 'etag' ? '"changed"' : sending.etag);
  response.setHeader('Accept-Ranges', 'bytes');
  const ranged = request.headers.range !== undefined && fault?.kind !== 'no-range' && fault?.kind !== 'gzip';
  const from = ranged ? entry.from : 0;
  if (ranged && from >= body.byteLength) {
    entry.status = 416;
    response.setHeader('Content-Range', `bytes */${body.byteLength}`);
    response.writeHead(416).end();
    return;
  }
  let part = Buffer.from(body.subarray(from));
  const at = Math.min(part.byteLength, Math.floor(part.byteLength * (fault?.at ?? 0.5)));
  if (fault?.kind === 'flip') part[Math.min(at, part.byteLength - 1)]! ^= 1;
  if (fault?.kind === 'short') part = part.subarray(0, at);
  if (fault?.kind === 'long') part = Buffer.concat([part, Buffer.alloc(100)]);
  if (fault?.kind === 'gzip') {
    part = gzipSync(part);
    response.setHeader('Content-Encoding', 'gzip');
  }
  if (ranged) response.setHeader('Content-Range', `bytes ${from}-${body.byteLength - 1}/${body.byteLength}`);
  const promised = part.byteLength + (fault?.kind === 'length' ? 100 : 0);
  if (fault?.kind !== 'no-length') response.setHeader('Content-Length', promised);
  entry.status = ranged ? 206 : 200;
  response.writeHead(entry.status);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const stop = fault?.kind === 'cut' || fault?.kind === 'stall' ? at : Infinity;
  sendPieces(sending, part, stop);
}

/** Piece by piece, waiting for the reader; at byte `stop` the fault takes over. */
function sendPieces({ response, entry, fault, faults }: Sending, part: Buffer, stop: number): void {
  const next = (): void => {
    if (response.destroyed) return;
    if (entry.sent >= stop) {
      // The bytes before the fault are flushed first, so that the reader has them.
      if (fault?.kind === 'cut') setImmediate(() => response.destroy());
      else faults.stall();
      return;
    }
    const end = Math.min(entry.sent + PIECE, part.byteLength, stop);
    const piece = part.subarray(entry.sent, end);
    entry.sent = end;
    if (end === part.byteLength && fault?.kind === 'length') {
      response.write(piece, () => setImmediate(() => response.destroy()));
      return;
    }
    if (end === part.byteLength) {
      response.end(piece);
      return;
    }
    response.write(piece, () => setImmediate(next));
  };
  response.flushHeaders();
  next();
}
