/** One request: statuses and broken connections as errors, silence cut by a stall timer, bodies of bounded size. */

import { VerseletError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { STALL_MS, Transient, withRetry } from './retry.ts';

/** How this side reaches the network. */
export interface Net {
  fetch: typeof fetch;
  clock: Clock;
  signal?: AbortSignal;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  cache?: RequestCache;
  method?: 'GET' | 'HEAD';
  /** Statuses that the caller handles itself. */
  accept?: readonly number[];
}

/** An answer whose body is read under the stall timer. */
export interface Transfer {
  response: Response;
  /** The next piece of the body; undefined at its end. @throws Transient on a cut or stall; `aborted`. */
  read(): Promise<Uint8Array | undefined>;
  /** Ends the transfer, also in the middle; safe to call twice. */
  close(): void;
}

/** What an answer of the hub means, by DESIGN.md's fine print; undefined for a success. */
export function statusError(response: Response, what: string, clock: Clock): VerseletError | Transient | undefined {
  const { status } = response;
  if (status >= 200 && status < 300) return undefined;
  const host = hostOf(response.url);
  if (status === 404 || status === 410) {
    return new VerseletError('model-not-found', `${host} has no ${what}.`);
  }
  if (status === 401 || status === 403) {
    const error = new VerseletError('hub-refused', `${host} refuses to give ${what} (status ${status}).`, {
      hint: 'The model is private, gated or does not exist. Check its id, or choose another model.',
    });
    // A redirect to a signed address that has expired also answers 403: asking again gives a fresh one.
    return response.redirected ? new Transient(error) : error;
  }
  const message = `${host} did not give ${what} (status ${status}).`;
  if (status === 429 || status === 408 || status >= 500) {
    const wait = retryAfter(response.headers.get('retry-after'), clock);
    const hint = wait === undefined ? undefined : `Try again in ${Math.ceil(wait / 1000)} seconds.`;
    return new Transient(new VerseletError('hub-refused', message, { hint }), wait);
  }
  return new VerseletError('hub-refused', message);
}

/** Milliseconds to wait, from seconds or an HTTP date. */
function retryAfter(header: string | null, clock: Clock): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,7}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now());
}

export function hostOf(url: string): string {
  if (!URL.canParse(url)) return 'The server';
  return new URL(url).host || 'The server';
}

/** Aborts its signal when nothing touched it for {@link STALL_MS}. */
class StallGuard {
  readonly controller = new AbortController();
  stalled = false;
  readonly #net: Net;
  #cancel: () => void = () => {};
  readonly #onAbort = (): void => this.controller.abort(this.#net.signal?.reason);

  constructor(net: Net) {
    this.#net = net;
    if (net.signal?.aborted) this.#onAbort();
    net.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.touch();
  }

  touch(): void {
    this.#cancel();
    this.#cancel = this.#net.clock.after(STALL_MS, () => {
      this.stalled = true;
      this.controller.abort();
    });
  }

  stop(): void {
    this.#cancel();
    this.#net.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** What a rejected fetch or read means. */
  explain(cause: unknown, url: string): Error {
    const { signal } = this.#net;
    if (signal?.aborted) return new VerseletError('aborted', 'The work was stopped.', { cause: signal.reason });
    const host = hostOf(url);
    const message = this.stalled
      ? `${host} sent nothing for ${STALL_MS / 1000} seconds.`
      : `The connection to ${host} failed or was cut.`;
    return new Transient(new VerseletError('network', message, { cause }));
  }
}

/**
 * Sends one request and gives its answer with a guarded body.
 * @throws Transient for what may pass; VerseletError `hub-refused`, `model-not-found`, `aborted`.
 */
export async function openTransfer(
  net: Net,
  url: string,
  what: string,
  options: RequestOptions = {},
): Promise<Transfer> {
  const guard = new StallGuard(net);
  const close = (): void => {
    guard.stop();
    if (!guard.controller.signal.aborted) guard.controller.abort();
  };
  let response: Response;
  try {
    response = await net.fetch(url, {
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
      cache: options.cache ?? 'default',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: guard.controller.signal,
    });
  } catch (cause) {
    guard.stop();
    throw guard.explain(cause, url);
  }
  guard.touch();
  const error = options.accept?.includes(response.status) ? undefined : statusError(response, what, net.clock);
  if (error !== undefined) {
    close();
    throw error;
  }
  const reader = response.body?.getReader();
  const read = async (): Promise<Uint8Array | undefined> => {
    if (reader === undefined) return undefined;
    try {
      const { done, value } = await reader.read();
      guard.touch();
      return done ? undefined : value;
    } catch (cause) {
      guard.stop();
      throw guard.explain(cause, url);
    }
  };
  return { response, read, close };
}

/** A web page came in place of a file: a sign-in page, or a static host's answer for what is missing. */
export class WebPageError extends VerseletError {}

/** @throws WebPageError `hub-refused` when a web page came in place of a file. */
export function refuseHtml(response: Response, what: string): void {
  if (!/\btext\/html\b/i.test(response.headers.get('content-type') ?? '')) return;
  throw new WebPageError('hub-refused', `${hostOf(response.url)} sent a web page in place of ${what}.`, {
    hint: 'Check the address of the hub, and whether this network asks you to sign in first.',
  });
}

export interface Json {
  value: unknown;
  response: Response;
}

/**
 * A small JSON file, with retries.
 * @param limit bytes at most; a larger body is `hub-refused`.
 * @throws VerseletError `network`, `hub-refused` (also for HTML and bad JSON), `model-not-found`, `aborted`.
 */
export async function fetchJson(
  net: Net,
  url: string,
  what: string,
  limit: number,
  options: RequestOptions = {},
): Promise<Json> {
  return withRetry(net.clock, net.signal, () => fetchJsonOnce(net, url, what, limit, options));
}

/** As {@link fetchJson}, but a single attempt. @throws Transient besides. */
export async function fetchJsonOnce(
  net: Net,
  url: string,
  what: string,
  limit: number,
  options: RequestOptions = {},
): Promise<Json> {
  const transfer = await openTransfer(net, url, what, options);
  try {
    refuseHtml(transfer.response, what);
    const decoder = new TextDecoder();
    let text = '';
    let size = 0;
    for (let piece = await transfer.read(); piece !== undefined; piece = await transfer.read()) {
      size += piece.byteLength;
      if (size > limit)
        throw new VerseletError('hub-refused', `${hostOf(url)} sent more than ${limit} bytes for ${what}.`);
      text += decoder.decode(piece, { stream: true });
    }
    return { value: parseJson(text + decoder.decode(), what, url), response: transfer.response };
  } finally {
    transfer.close();
  }
}

function parseJson(text: string, what: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new VerseletError('hub-refused', `${hostOf(url)} sent ${what} that is no valid JSON.`, { cause });
  }
}
