import { VerseletError, throwIfAborted } from '../errors.ts';
import type { LoadProgress } from '../hub/types.ts';
import type { LineEvent } from '../poetry/types.ts';
import { type FromWorker, type Method, type Params, type Results, PROTOCOL_VERSION, isFromWorker } from './protocol.ts';

export interface CallListeners {
  onProgress?(progress: LoadProgress): void;
  onLine?(line: LineEvent): void;
  onWriting?(index: number, total: number | undefined): void;
  signal?: AbortSignal;
}

interface Pending extends CallListeners {
  resolve(value: Results[Method]): void;
  reject(error: VerseletError): void;
}

/** A worker that says nothing for this long at the start was blocked or failed to load. */
const HELLO_TIMEOUT_MS = 20_000;
/** A stop that the worker does not confirm in this time ends the worker. */
const CANCEL_TIMEOUT_MS = 5_000;

/**
 * One worker and the requests that wait for it. When the worker dies, every pending request rejects with `device-lost`
 * and the connection stays closed: a broken realm is never used again.
 */
export class Connection {
  #worker: Worker;
  #pending = new Map<number, Pending>();
  #nextId = 1;
  #closed: VerseletError | undefined;
  #hello: Promise<void>;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#hello = new Promise((resolve) => {
      const timer = setTimeout(
        () => this.#fail(new VerseletError('no-device', 'The worker did not start.', { hint: 'Check that scripts and workers of this page are not blocked.' })),
        HELLO_TIMEOUT_MS,
      );
      worker.addEventListener('message', (event) => {
        if (isFromWorker(event.data) && event.data.kind === 'hello') {
          clearTimeout(timer);
          resolve();
        }
      });
    });
    worker.addEventListener('message', (event) => this.#receive(event.data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#fail(new VerseletError('device-lost', `The worker stopped: ${event.message || 'it could not be loaded'}.`));
    });
    worker.addEventListener('messageerror', () => this.#fail(new VerseletError('device-lost', 'The worker sent an unreadable message.')));
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** Resolves when the worker has started. */
  get ready(): Promise<void> {
    return this.#hello;
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
    const cancel = () => this.#cancel(id);
    const answer = new Promise<Results[Method]>((resolve, reject) => {
      this.#pending.set(id, { ...listeners, resolve, reject });
      this.#worker.postMessage({ v: PROTOCOL_VERSION, id, method, params });
    });
    signal?.addEventListener('abort', cancel, { once: true });
    return answer.finally(() => signal?.removeEventListener('abort', cancel)) as Promise<Results[M]>;
  }

  close(): void {
    this.#fail(new VerseletError('aborted', 'The composer was disposed of.', { hint: 'Create a new composer.' }));
  }

  #cancel(id: number): void {
    this.#worker.postMessage({ v: PROTOCOL_VERSION, id, method: 'cancel' });
    setTimeout(() => {
      if (this.#pending.has(id)) this.#fail(new VerseletError('aborted', 'The worker did not stop in time and was ended.'));
    }, CANCEL_TIMEOUT_MS);
  }

  #receive(message: unknown): void {
    if (!isFromWorker(message)) return;
    if (message.kind === 'device-lost') return this.#fail(new VerseletError('device-lost', message.message));
    if (message.kind === 'hello') return;
    this.#answer(message);
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
        this.#pending.delete(message.id);
        return pending.resolve(message.value);
      case 'failed':
        this.#pending.delete(message.id);
        return pending.reject(VerseletError.fromData(message.error));
    }
  }

  #fail(error: VerseletError): void {
    if (this.#closed) return;
    this.#closed = error;
    this.#worker.terminate();
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}
