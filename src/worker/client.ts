/**
 * The page's side: composers that share workers, move to the next device when one fails, and never touch the model.
 * A worker belongs to one model on one device; composers with the same options share it and queue.
 */

import { VerseletError, throwIfAborted } from '../errors.ts';
import type { DeviceInfo } from '../engine/types.ts';
import type { ModelPreview } from '../hub/inspect-model.ts';
import type { ModelInfo } from '../hub/types.ts';
import { parseRequest } from '../poetry/request.ts';
import type { LineEvent, ParsedRequest, Poem, PoemRequest } from '../poetry/types.ts';
import { checkComposeOptions, composerDisposed, drawSeed } from './compose-arguments.ts';
import { type ComposerOptions, DEFAULT_HUB, checkOptions } from './composer-options.ts';
import { Connection } from './connection.ts';
import { type DeviceSession, abortable, openSession } from './device-session.ts';
import type { ModelShelf } from './protocol.ts';
import { ASSET_BASE, spawnWorker } from './spawn.ts';

export type { ComposerOptions } from './composer-options.ts';
export type { ModelPreview } from '../hub/inspect-model.ts';
export type { ModelShelf } from './protocol.ts';
export type { CatalogEntry, KeptModel, LoadProgress, ModelInfo } from '../hub/types.ts';
export type { DeviceInfo } from '../engine/types.ts';

export interface ComposeOptions {
  /** Abort rejects with `aborted`; the composer stays usable. */
  signal?: AbortSignal;
  /** Once for each finished line. */
  onLine?(line: LineEvent): void;
  /** Which line is being written, of how many where that is known. */
  onWriting?(index: number, total: number | undefined): void;
  /** The device failed and the poem goes on on another; called with the new one. */
  onDevice?(device: DeviceInfo): void;
}

export interface Composer {
  readonly model: ModelInfo;
  /** Changes when a device is lost and the next one takes over. */
  readonly device: DeviceInfo;
  /** Writes a poem; calls queue. @throws VerseletError (as a rejection) */
  compose(request?: PoemRequest, options?: ComposeOptions): Promise<Poem>;
  /** Other lines that would fit in place of `poem`'s line `line` (index over the whole poem). */
  alternatives(poem: Poem, line: number, count?: number): Promise<string[]>;
  dispose(): Promise<void>;
}

/**
 * Opens a model and gives a composer for it.
 * @throws VerseletError (as a rejection): `bad-request` for a wrong option; what the hub, the store or the device said.
 */
export async function createComposer(options?: ComposerOptions): Promise<Composer> {
  const checked = checkOptions(options, 'composer');
  const session = await openSession(checked);
  return new SessionComposer(session);
}

class SessionComposer implements Composer {
  #session: DeviceSession;
  #disposed = false;
  #running = new Set<AbortController>();

  constructor(session: DeviceSession) {
    this.#session = session;
  }

  get model(): ModelInfo {
    return this.#session.opened.model;
  }

  get device(): DeviceInfo {
    return this.#session.opened.device;
  }

  async compose(request: PoemRequest = {}, options: ComposeOptions = {}): Promise<Poem> {
    this.#assertUsable();
    checkComposeOptions(options);
    const parsed = parseRequest(request, drawSeed);
    return this.#run(options.signal, (signal) => composeWithRecovery(this.#session, parsed, { ...options, signal }));
  }

  async alternatives(poem: Poem, line: number, count = 4): Promise<string[]> {
    return this.#run(undefined, (signal) => this.#session.call('alternatives', { poem, line, count }, { signal }));
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const running of this.#running) running.abort();
    this.#session.release();
  }

  /** Stops with the caller's signal or with the composer, at once; the worker follows when it can. */
  async #run<T>(outer: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#assertUsable();
    throwIfAborted(outer);
    const controller = new AbortController();
    const stop = () => controller.abort();
    outer?.addEventListener('abort', stop, { once: true });
    this.#running.add(controller);
    try {
      return await abortable(work(controller.signal), controller.signal);
    } finally {
      outer?.removeEventListener('abort', stop);
      this.#running.delete(controller);
    }
  }

  #assertUsable(): void {
    if (this.#disposed) {
      throw composerDisposed();
    }
  }
}

/** Finished lines stay; a lost device is replaced once, and the poem goes on from the line it had reached. */
async function composeWithRecovery(session: DeviceSession, request: ParsedRequest, options: ComposeOptions & { signal: AbortSignal }): Promise<Poem> {
  const { signal } = options;
  const lines: string[] = [];
  const listeners = {
    signal,
    onLine: (line: LineEvent) => {
      // A worker that takes over gives the finished lines again; each line is told once, and none after a stop.
      if (signal.aborted || line.index < lines.length) return;
      lines.push(line.text);
      options.onLine?.(line);
    },
    onWriting: (index: number, total: number | undefined) => {
      if (!signal.aborted) options.onWriting?.(index, total);
    },
  };
  const generation = session.generation;
  try {
    return await session.call('compose', { request }, listeners);
  } catch (error) {
    const fatal = error instanceof VerseletError && (error.code === 'device-lost' || error.code === 'out-of-memory');
    if (!fatal || signal.aborted) throw error;
    await session.replaceDevice(generation, error.message);
    options.onDevice?.(session.opened.device);
    return session.call('compose', { request, resume: lines }, listeners);
  }
}

/** What can be opened, and what is kept on this device. */
export function listModels(): Promise<ModelShelf> {
  return withShelfWorker((connection) => connection.call('models', { base: ASSET_BASE }));
}

/** Deletes a kept model; poems are never touched. */
export async function deleteModel(id: string, revision: string): Promise<void> {
  await withShelfWorker((connection) => connection.call('delete-model', { id, revision }));
}

/**
 * What opening a model of the hub will mean: bytes that travel and bytes that stay, said before anything large is fetched.
 * @throws VerseletError (as a rejection): `bad-request`, `model-not-found`, `unsupported-model`, `hub-refused`, `network`.
 */
export function inspectModel(model: string, hub: string = DEFAULT_HUB): Promise<ModelPreview> {
  return withShelfWorker((connection) => connection.call('inspect', { model, hub, base: ASSET_BASE }));
}

async function withShelfWorker<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = new Connection(spawnWorker());
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}
