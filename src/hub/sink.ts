/** Where the bytes of a download go on their way: all into memory, or only through it. */

import type { ByteSource } from '../convert/types.ts';
import { VerseletError } from '../errors.ts';
import { Sha256, sha256Hex } from './sha256.ts';
import type { ModelStore } from './store.ts';
import { CHUNK } from './store.ts';

/** Takes the bytes of one file in order. */
export interface Sink {
  /** Bytes taken so far. */
  readonly length: number;
  append(bytes: Uint8Array): void;
  /** Forgets everything. */
  reset(): void;
  /** Bytes of chunk `index`, in a buffer of their own: a view would be stored with all of the file. */
  chunk(index: number): Uint8Array;
  /** Chunk `index` is safe in the store. */
  stored(index: number): void;
  /** Of all bytes taken, 64 hex digits. */
  sha256(): Promise<string>;
}

/** Keeps the whole file in memory. */
export class MemorySink implements Sink {
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

  reset(): void {
    this.length = 0;
  }

  chunk(index: number): Uint8Array {
    return this.#buffer.slice(index * CHUNK, Math.min((index + 1) * CHUNK, this.length));
  }

  stored(): void {}

  sha256(): Promise<string> {
    return sha256Hex(this.bytes());
  }

  /** What has arrived, without a copy. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }
}

/** Keeps in memory only what the store has not taken yet, and hashes as the bytes pass: for files of half a gigabyte. */
export class PassingSink implements Sink, ByteSource {
  length = 0;
  #hash = new Sha256();
  /** Chunks that are not stored, by index. */
  #held = new Map<number, Uint8Array>();
  readonly #store: ModelStore;
  readonly #file: string;

  constructor(store: ModelStore, file: string) {
    this.#store = store;
    this.#file = file;
  }

  get size(): number {
    return this.length;
  }

  append(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    for (let at = 0; at < bytes.byteLength;) {
      const index = Math.floor(this.length / CHUNK);
      const used = this.length % CHUNK;
      const part = bytes.subarray(at, at + CHUNK - used);
      const chunk = this.#held.get(index) ?? allocate(CHUNK);
      chunk.set(part, used);
      this.#held.set(index, chunk);
      at += part.byteLength;
      this.length += part.byteLength;
    }
  }

  reset(): void {
    this.length = 0;
    this.#hash = new Sha256();
    this.#held.clear();
  }

  chunk(index: number): Uint8Array {
    return this.#held.get(index)!.slice(0, this.length - index * CHUNK);
  }

  stored(index: number): void {
    // The last, partial chunk goes on growing here.
    if ((index + 1) * CHUNK <= this.length) this.#held.delete(index);
  }

  async sha256(): Promise<string> {
    return this.#hash.digest();
  }

  /** Random access, from memory and store. @throws VerseletError `integrity` when the store lost a chunk. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.length) {
      throw new VerseletError('unsupported-model', 'The checkpoint ends too early.');
    }
    const bytes = allocate(length);
    for (let at = offset; at < offset + length;) {
      const index = Math.floor(at / CHUNK);
      const chunk = this.#held.get(index) ?? (await this.#store.readChunk(this.#file, index));
      const end = Math.min((index + 1) * CHUNK, offset + length);
      if (chunk === undefined || chunk.byteLength < end - index * CHUNK) {
        throw new VerseletError('integrity', 'The browser lost a part of the download.');
      }
      bytes.set(chunk.subarray(at - index * CHUNK, end - index * CHUNK), at - offset);
      at = end;
    }
    return bytes;
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
