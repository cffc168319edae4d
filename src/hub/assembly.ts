/** The bytes of one file as they arrive, and their chunks on the way to the store. */

import { VerseletError, asVerseletError } from '../errors.ts';
import type { ModelStore } from './store.ts';
import { CHUNK } from './store.ts';

/** No file of a GPT-2 that a browser can hold is larger. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

/** A buffer of known or growing size. */
export class Assembly {
  length = 0;
  #buffer: Uint8Array;

  /** @throws VerseletError `out-of-memory`. */
  constructor(size: number | undefined) {
    this.#buffer = allocate(size ?? CHUNK);
  }

  append(bytes: Uint8Array): void {
    const end = this.length + bytes.byteLength;
    if (end > this.#buffer.byteLength) {
      const larger = allocate(Math.max(end, 2 * this.#buffer.byteLength));
      larger.set(this.#buffer.subarray(0, this.length));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.length);
    this.length = end;
  }

  /** What has arrived, without a copy. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }

  /** A copy that owns its buffer: a view would be stored with all of the file. */
  copy(start: number, end: number): Uint8Array {
    return this.#buffer.slice(start, end);
  }
}

function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new VerseletError('out-of-memory', `There is no memory for a file of ${Math.round(size / 1e6)} MB.`, {
      cause,
    });
  }
}

/** What a failed write does: end the download with `quota`, or go on in memory. */
export type OnWriteFailure = 'throw' | 'memory';

/** Writes whole chunks behind the download, one write in flight. */
export class ChunkWriter {
  /** The write that failed, if one did: nothing is written after it. */
  failure: VerseletError | undefined;
  readonly #store: ModelStore;
  readonly #file: string;
  readonly #onFailure: OnWriteFailure;
  /** Index of the next chunk to write. */
  #next: number;
  #pending: Promise<void> = Promise.resolve();

  constructor(store: ModelStore, file: string, storedBytes: number, onFailure: OnWriteFailure) {
    this.#store = store;
    this.#file = file;
    this.#onFailure = onFailure;
    this.#next = Math.floor(storedBytes / CHUNK);
  }

  /** Writes the chunks that are complete. @throws VerseletError `quota` of this or the write before. */
  async push(assembly: Assembly): Promise<void> {
    while (assembly.length >= (this.#next + 1) * CHUNK) {
      await this.#write(assembly.copy(this.#next * CHUNK, (this.#next + 1) * CHUNK));
      this.#next += 1;
    }
  }

  /** Writes what is left over, and waits until everything is stored. @throws VerseletError `quota`. */
  async finish(assembly: Assembly): Promise<void> {
    await this.push(assembly);
    const start = this.#next * CHUNK;
    if (assembly.length > start) await this.#write(assembly.copy(start, assembly.length));
    await this.#pending;
    this.#check();
  }

  /** As {@link finish} on the way out of a failure: what cannot be stored is let go. */
  async salvage(assembly: Assembly): Promise<void> {
    await this.finish(assembly).catch(() => undefined);
  }

  /** Starts over at the first chunk. */
  async rewind(): Promise<void> {
    await this.#pending;
    this.#next = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#pending;
    this.#check();
    if (this.failure !== undefined || !this.#store.persistent) return;
    this.#pending = this.#store.writeChunk(this.#file, this.#next, bytes).catch((error: unknown) => {
      this.failure = asVerseletError(error, 'storage-blocked');
    });
  }

  #check(): void {
    // Only a full disk is worth stopping for: there the reader can choose. A broken store just keeps nothing.
    if (this.failure?.code === 'quota' && this.#onFailure === 'throw') throw this.failure;
  }
}
