import { VerseletError, throwIfAborted } from '../errors.ts';
import type { LoadProgress } from '../hub/types.ts';
import type { LineEvent } from '../poetry/types.ts';
import { Heartbeat, PATIENCE } from './heartbeat.ts';
import { type FromWorker, type Method, type Params, type Results, type ToWorker, PROTOCOL_VERSION, isFromWorker } from './protocol.ts';

export interface CallListeners {
  onProgress?(progress: LoadProgress): void;
  onLine?(line: LineEvent): void;
  onWriting?(index: number, total: number | undefined): void;
  signal?: AbortSignal;
}

interface Pending extends CallListeners {
  method: Method;
  resolve(value: Results[Method]): void;
  reject(error: VerseletError): void;
}

/** A worker that says nothing for this long at the start was blocked or failed to load. */
const HELLO_TIMEOUT_MS = 20_000;
/**
 * A stop that the worker does not confirm in this time ends the worker. A download needs little time to put away what it
 * has; a step of a large model on a slow device may need long.
 */
const CANCEL_TIMEOUT_MS = { open: 3_000, other: 10_000 };

/**
 * One worker and the requests that wait for it. When the worker dies, every pending request rejects with `device-lost`
 * and the connection stays closed: a broken realm is never used again.
 */
export class Connection {
  #worker: Worker;
  #pending = new Map<number, Pending>();
  #nextId = 1;
  #closed: VerseletError | undefined;
  #started = false;
  /** What is said before the worker can hear. */
  #waiting: ToWorker[] = [];
  #helloTimer: ReturnType<typeof setTimeout>;
  #heart = new Heartbeat(
    () => this.#worker.postMessage({ v: PROTOCOL_VERSION, id: 0, method: 'ping' } satisfies ToWorker),
    (seconds) => this.#fail(new VerseletError('device-lost', `The worker said nothing for ${seconds} seconds and was ended.`)),
  );

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#helloTimer = setTimeout(() => this.#fail(notStarted()), HELLO_TIMEOUT_MS);
    worker.addEventListener('message', (event) => this.#receive(event.data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#fail(this.#started ? new VerseletError('device-lost', `The worker stopped: ${event.message || 'it gave no reason'}.`) : notStarted());
    });
    worker.addEventListener('messageerror', () => this.#fail(new VerseletError('device-lost', 'The worker sent an unreadable message.')));
  }

  /** Why it cannot be used any more. */
  get closed(): VerseletError | undefined {
    return this.#closed;
  }

  /** @throws VerseletError what the worker answered; `aborted`; `device-lost` when it died. */
  call<M extends Method>(method: M, params: Params[M], listeners: CallListeners = {}): Promise<Results[M]> {
    const { signal } = listeners;
    try {
      throwIfAborted(signal);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#closed) return Promise.reject(this.#closed);
    const id = this.#nextId++;
    const cancel = () => this.#cancel(id, CANCEL_TIMEOUT_MS[method === 'open' ? 'open' : 'other']);
    const answer = new Promise<Results[Method]>((resolve, reject) => {
      try {
        this.#post({ v: PROTOCOL_VERSION, id, method, params } as ToWorker);
        this.#pending.set(id, { ...listeners, method, resolve, reject });
        if (this.#started) this.#watch();
      } catch (cause) {
        reject(new VerseletError('bad-request', 'The arguments must be plain JSON.', { cause }));
      }
    });
    signal?.addEventListener('abort', cancel, { once: true });
    return answer.finally(() => signal?.removeEventListener('abort', cancel)) as Promise<Results[M]>;
  }

  /** Ends the worker; what still waits for it rejects with `why`. */
  close(why = new VerseletError('aborted', 'The composer was disposed of.', { hint: 'Create a new composer.' })): void {
    this.#fail(why);
  }

  #cancel(id: number, timeout: number): void {
    this.#post({ v: PROTOCOL_VERSION, id, method: 'cancel' });
    setTimeout(() => {
      if (this.#pending.has(id)) this.#fail(new VerseletError('device-lost', 'The worker did not stop in time and was ended.'));
    }, timeout);
  }

  #post(message: ToWorker): void {
    if (this.#started) this.#worker.postMessage(message);
    else this.#waiting.push(message);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    clearTimeout(this.#helloTimer);
    for (const message of this.#waiting.splice(0)) this.#worker.postMessage(message);
    if (this.#pending.size > 0) this.#watch();
  }

  /** A worker that computes is alive as long as it says something. */
  #watch(): void {
    this.#heart.watch(() => ([...this.#pending.values()].some(({ method }) => method === 'open') ? PATIENCE.open : PATIENCE.other));
  }

  #receive(message: unknown): void {
    if (!isFromWorker(message)) return;
    if (message.kind === 'device-lost') return this.#fail(new VerseletError('device-lost', message.message));
    this.#start();
    this.#heart.heard();
    if ('id' in message) this.#answer(message);
  }

  #answer(message: Extract<FromWorker, { id: number }>): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    switch (message.kind) {
      case 'progress':
        return pending.onProgress?.(message.progress);
      case 'line':
        return pending.onLine?.(message.line);
      case 'writing':
        return pending.onWriting?.(message.index, message.total);
      case 'result':
        this.#settled(message.id);
        return pending.resolve(message.value);
      case 'failed':
        this.#settled(message.id);
        return pending.reject(VerseletError.fromData(message.error));
    }
  }

  #settled(id: number): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#heart.rest();
  }

  #fail(error: VerseletError): void {
    if (this.#closed) return;
    this.#closed = error;
    clearTimeout(this.#helloTimer);
    this.#heart.rest();
    this.#worker.terminate();
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}

function notStarted(): VerseletError {
  return new VerseletError('no-device', 'The worker did not start.', {
    hint: 'Check the connection, and that scripts and workers of this page are not blocked: its Content-Security-Policy needs "worker-src blob:".',
  });
}
