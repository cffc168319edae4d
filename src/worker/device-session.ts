import { VerseletError, asVerseletError, throwIfAborted } from '../errors.ts';
import type { DeviceKind } from '../engine/types.ts';
import type { LoadProgress } from '../hub/types.ts';
import type { CheckedOptions } from './composer-options.ts';
import { type CallListeners, Connection } from './connection.ts';
import type { Method, OpenRequest, OpenResult, Params, Results } from './protocol.ts';
import { ASSET_BASE, spawnWorker } from './spawn.ts';

/** A worker without users is kept this long, so that a page may swap one element for another without loading again. */
const LINGER_MS = 2_000;

type Avoided = OpenRequest['avoid'];

/** One model on one device, shared by all composers with the same options. Each device is tried in a fresh worker. */
export class DeviceSession {
  #options: CheckedOptions;
  #connection: Connection | undefined;
  #opened: OpenResult | undefined;
  #avoid: Avoided = [];
  #replacing: Promise<void> | undefined;
  #users = 0;
  #linger: ReturnType<typeof setTimeout> | undefined;
  #onEnd: () => void;
  #watchers = new Set<(progress: LoadProgress) => void>();
  #abort = new AbortController();
  /** Counts devices, so that two poems that lose the same one replace it once. */
  generation = 0;
  readonly ready: Promise<void>;

  constructor(options: CheckedOptions, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    this.ready = this.#openFirst();
    this.ready.catch(() => this.end());
  }

  /** @throws VerseletError before `ready` has resolved. */
  get opened(): OpenResult {
    if (!this.#opened) throw new VerseletError('no-device', 'The model is not open yet.');
    return this.#opened;
  }

  retain(): void {
    this.#users += 1;
    clearTimeout(this.#linger);
  }

  release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    // Nobody waits for a model that is still loading; a loaded one may be wanted again at once.
    if (this.#opened) {
      this.#linger = setTimeout(() => this.end(), LINGER_MS);
      return;
    }
    // Whoever comes now gets a session of its own, not one that is being stopped.
    this.#onEnd();
    this.#abort.abort();
  }

  watch(onProgress: ((progress: LoadProgress) => void) | undefined): () => void {
    if (!onProgress) return () => {};
    this.#watchers.add(onProgress);
    return () => this.#watchers.delete(onProgress);
  }

  end(): void {
    clearTimeout(this.#linger);
    this.#connection?.close();
    this.#onEnd();
  }

  /** Calls queue in the worker. One that was lost while nobody used it is replaced first. */
  async call<M extends Method>(method: M, params: Params[M], listeners?: CallListeners): Promise<Results[M]> {
    await this.#replacing;
    const lost = this.#connection?.closed;
    if (lost && this.#users > 0) await this.replaceDevice(this.generation, lost.message);
    return this.#connection!.call(method, params, listeners);
  }

  /**
   * Moves to the next device after a loss.
   * @throws VerseletError `device-lost` when there is no other device, or that one fails too.
   */
  async replaceDevice(generation: number, why: string): Promise<void> {
    if (generation === this.generation) {
      this.generation += 1;
      this.#replacing = this.#replace(why).finally(() => {
        this.#replacing = undefined;
      });
    }
    await this.#replacing;
  }

  async #replace(why: string): Promise<void> {
    const lost = this.opened.device.kind;
    // The CPU does not get lost as a GPU does: a crashed WASM worker is started once more.
    if (lost === 'webgpu') this.#avoid = [...this.#avoid, { kind: lost, why }];
    const device = lost === 'webgpu' ? 'auto' : 'wasm';
    try {
      await this.#open(device);
    } catch (cause) {
      throw new VerseletError('device-lost', `The device was lost, and the next one failed: ${asVerseletError(cause).message}`, { cause });
    }
  }

  async #openFirst(): Promise<void> {
    const { device } = this.#options;
    try {
      await this.#open(device);
    } catch (error) {
      if (device !== 'auto' || !isDeviceFault(error) || this.#abort.signal.aborted) throw error;
      this.#avoid = [{ kind: 'webgpu' satisfies DeviceKind, why: asVerseletError(error).message }];
      await this.#open('auto');
    }
  }

  async #open(device: OpenRequest['device']): Promise<void> {
    // Poems that wait in the old worker go on in the new one.
    this.#connection?.close(new VerseletError('device-lost', 'The device was replaced.'));
    const connection = new Connection(spawnWorker());
    this.#connection = connection;
    const { model, hub, precision, tables } = this.#options;
    this.#opened = await connection.call(
      'open',
      { model, hub, device, precision, tables, base: ASSET_BASE, avoid: this.#avoid },
      { signal: this.#abort.signal, onProgress: (progress) => this.#tell(progress) },
    );
  }

  #tell(progress: LoadProgress): void {
    for (const watcher of this.#watchers) {
      try {
        watcher(progress);
      } catch (error) {
        // One listener's fault is its own: the others are told all the same.
        reportError(error);
      }
    }
  }
}

function isDeviceFault(error: unknown): boolean {
  return error instanceof VerseletError && ['no-device', 'device-lost', 'out-of-memory'].includes(error.code);
}

const sessions = new Map<string, DeviceSession>();

/** The session for these options, shared and counted; the caller releases it. */
export async function openSession(options: CheckedOptions): Promise<DeviceSession> {
  throwIfAborted(options.signal);
  const key = JSON.stringify([options.model, options.hub, options.device, options.precision]);
  let session = sessions.get(key);
  if (!session) {
    const fresh = new DeviceSession(options, () => {
      if (sessions.get(key) === fresh) sessions.delete(key);
    });
    sessions.set(key, fresh);
    session = fresh;
  }
  session.retain();
  const unwatch = session.watch(options.onProgress);
  try {
    await abortable(session.ready, options.signal);
    return session;
  } catch (error) {
    session.release();
    throw error;
  } finally {
    unwatch();
  }
}

/** Rejects with `aborted` as soon as the signal fires, whatever becomes of the promise. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(new VerseletError('aborted', 'The work was stopped.'));
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
