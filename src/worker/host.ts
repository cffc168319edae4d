import { VerseletError, asVerseletError } from '../errors.ts';
import { type FromWorker, type Method, type Params, type Results, type ToWorker, PROTOCOL_VERSION, isToWorker } from './protocol.ts';

export interface CallContext {
  signal: AbortSignal;
  /** Sends a message about this request before its answer. */
  tell(message: TellMessage): void;
}

type Told = Extract<FromWorker, { kind: 'progress' | 'line' | 'writing' }>;
export type TellMessage = Told extends infer T ? (T extends Told ? Omit<T, 'v' | 'id'> : never) : never;

/** What answers the calls; see `ComposerService`. */
export interface Service {
  answer<M extends Method>(method: M, params: Params[M], context: CallContext): Promise<Results[M]>;
}

/** Takes the page's messages, runs one request at a time in their order, answers each once. */
export class WorkerHost {
  #service: Service;
  #post: (message: FromWorker, transfer?: Transferable[]) => void;
  #controllers = new Map<number, AbortController>();
  #queue: Promise<void> = Promise.resolve();
  #running: number | undefined;

  constructor(service: Service, post: (message: FromWorker, transfer?: Transferable[]) => void) {
    this.#service = service;
    this.#post = post;
  }

  /** Anything that is not a message of this protocol is ignored. */
  receive(message: unknown): void {
    if (!isToWorker(message)) return;
    if (message.method === 'ping') {
      this.#post({ v: PROTOCOL_VERSION, kind: 'alive' });
      return;
    }
    if (message.method === 'cancel') {
      this.#controllers.get(message.id)?.abort();
      // What only waits is answered now, not when its turn comes.
      if (message.id !== this.#running) this.#fail(message.id, new VerseletError('aborted', 'The work was stopped before it began.'));
      return;
    }
    const { id } = message;
    if (this.#controllers.has(id)) return;
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    this.#queue = this.#queue.then(() => this.#run(message, controller.signal));
  }

  async #run(message: Exclude<ToWorker, { method: 'cancel' } | { method: 'ping' }>, signal: AbortSignal): Promise<void> {
    const { id } = message;
    if (signal.aborted) return;
    this.#running = id;
    try {
      const value = await this.#service.answer(message.method, message.params as never, {
        signal,
        tell: (about) => this.#post({ v: PROTOCOL_VERSION, id, ...about } as FromWorker),
      });
      this.#post({ v: PROTOCOL_VERSION, id, kind: 'result', value });
    } catch (error) {
      this.#fail(id, error);
    } finally {
      this.#controllers.delete(id);
      this.#running = undefined;
    }
  }

  #fail(id: number, error: unknown): void {
    if (this.#controllers.delete(id)) this.#post({ v: PROTOCOL_VERSION, id, kind: 'failed', error: asVerseletError(error).toData() });
  }
}
