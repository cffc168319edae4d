/** Writes chunks into the store behind a download. */

import type { VerseletError } from '../errors.ts';
import { asVerseletError } from '../errors.ts';
import type { Sink } from './sink.ts';
import type { ModelStore } from './store.ts';
import { CHUNK } from './store.ts';

/** No file of a GPT-2 that a browser can hold is larger. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

/** What a full disk does: end the download with `quota`, or go on in memory. */
export type OnWriteFailure = 'throw' | 'memory';

/** Writes whole chunks behind the download, one write in flight. */
export class ChunkWriter {
  /** The write that failed, if one did: nothing is written after it. */
  failure: VerseletError | undefined;
  readonly #store: ModelStore;
  readonly #file: string;
  readonly #sink: Sink;
  readonly #onFailure: OnWriteFailure;
  /** Index of the next chunk to write. */
  #next = 0;
  #pending: Promise<void> = Promise.resolve();

  constructor(store: ModelStore, file: string, sink: Sink, onFailure: OnWriteFailure) {
    this.#store = store;
    this.#file = file;
    this.#sink = sink;
    this.#onFailure = onFailure;
  }

  /** Goes on behind what the sink already holds: all of it came from the store. */
  follow(): void {
    this.#next = Math.floor(this.#sink.length / CHUNK);
  }

  /** Writes the chunks that are complete. @throws VerseletError `quota` of this or the write before. */
  async push(): Promise<void> {
    while (this.#sink.length >= (this.#next + 1) * CHUNK) {
      await this.#write(this.#next);
      this.#next += 1;
    }
  }

  /** Writes what is left over, and waits until everything is stored. @throws VerseletError `quota`. */
  async finish(): Promise<void> {
    await this.push();
    if (this.#sink.length > this.#next * CHUNK) await this.#write(this.#next);
    await this.#pending;
    this.#check();
  }

  /** As {@link finish} on the way out of a failure: what cannot be stored is let go. */
  async salvage(): Promise<void> {
    await this.finish().catch(() => undefined);
  }

  /** Starts over at the first chunk. */
  async rewind(): Promise<void> {
    await this.#pending;
    this.#next = 0;
  }

  async #write(index: number): Promise<void> {
    await this.#pending;
    this.#check();
    if (this.failure !== undefined || !this.#store.persistent) return;
    this.#pending = this.#store.writeChunk(this.#file, index, this.#sink.chunk(index)).then(
      () => this.#sink.stored(index),
      (error: unknown) => {
        this.failure = asVerseletError(error, 'storage-blocked');
      },
    );
  }

  #check(): void {
    // Only a full disk is worth stopping for: there the reader can choose. A broken store just keeps nothing.
    if (this.failure?.code === 'quota' && this.#onFailure === 'throw') throw this.failure;
  }
}
