/**
 * `/embed/frame.html`: the composer for pages that want an iframe, spoken to by `postMessage`.
 *
 * In:  `{ verselet: 1, id, method: 'compose' | 'stop', request }`
 * Out: `{ verselet: 1, id, event: 'progress' | 'line' | 'poem' | 'error', detail }`
 *
 * Only origins named in `?origin=` (comma-separated, `*` for any) are heard, and only they are answered.
 */

import { asVerseletError } from '../errors.ts';
import { type Composer, createComposer } from '../worker/client.ts';
import type { PoemRequest } from '../poetry/types.ts';

interface FrameRequest {
  verselet: 1;
  id: string | number;
  method: 'compose' | 'stop';
  request?: PoemRequest;
}

/** A poem takes seconds; a page that asks for more than this at once is told so. */
const MOST_WAITING = 32;

export function isFrameRequest(value: unknown): value is FrameRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { verselet, id, method } = value as Record<string, unknown>;
  const named = (typeof id === 'string' && id.length <= 200) || (typeof id === 'number' && Number.isFinite(id));
  return verselet === 1 && named && (method === 'compose' || method === 'stop');
}

/** Origins from the query; an entry that is no origin allows nothing. */
export function allowedOrigins(search: string): (origin: string) => boolean {
  const entries = (new URLSearchParams(search).get('origin') ?? '').split(',').map((entry) => entry.trim());
  const any = entries.includes('*');
  const origins = new Set(entries.filter((entry) => URL.canParse(entry)).map((entry) => new URL(entry).origin));
  return (origin) => any || (origin !== 'null' && origins.has(origin));
}

type Reply = (event: 'progress' | 'line' | 'poem' | 'error', detail: unknown) => void;

/** Answers the messages of one peer; ids are its own. */
export class FrameHost {
  /** Keeps the model open between poems. */
  #kept: Composer | undefined;
  #running = new Map<string | number, AbortController>();

  receive(message: FrameRequest, reply: Reply): void {
    if (message.method === 'stop') {
      this.#running.get(message.id)?.abort();
      return;
    }
    void this.#compose(message, reply);
  }

  async #compose({ id, request }: FrameRequest, reply: Reply): Promise<void> {
    if (this.#running.has(id) || this.#running.size >= MOST_WAITING) {
      reply('error', { code: 'bad-request', message: `"id" ${String(id)} cannot be taken now.`, hint: 'Wait for the poems already asked for, and give each request an id of its own.' });
      return;
    }
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const composer = await this.#open(controller.signal, reply);
      reply('poem', await composer.compose(request, { signal: controller.signal, onLine: (line) => reply('line', line) }));
    } catch (error) {
      reply('error', asVerseletError(error).toData());
    } finally {
      this.#running.delete(id);
    }
  }

  /** Each request waits with a signal of its own: a stop while the model loads stops the download that nobody else wants. */
  async #open(signal: AbortSignal, reply: Reply): Promise<Composer> {
    if (this.#kept) return this.#kept;
    const composer = await createComposer({ signal, onProgress: (progress) => reply('progress', progress) });
    if (this.#kept) await composer.dispose();
    return (this.#kept ??= composer);
  }
}

/** Listens on `scope` (the frame's window). */
export function listen(scope: Window): void {
  const allowed = allowedOrigins(scope.location.search);
  const hosts = new WeakMap<MessageEventSource, FrameHost>();
  scope.addEventListener('message', ({ data, origin, source }) => {
    if (!source || !allowed(origin) || !isFrameRequest(data)) return;
    const host = hosts.get(source) ?? new FrameHost();
    hosts.set(source, host);
    const { id } = data;
    // A sandboxed page has no origin to name; with `*` it may be heard, and is answered by its window alone.
    const targetOrigin = origin === 'null' ? '*' : origin;
    host.receive(data, (event, detail) => source.postMessage({ verselet: 1, id, event, detail }, { targetOrigin }));
  });
}
