/** Scratch memory of a forward pass, grown when more positions come at once. */

import type { Gpt2Config } from '../../convert/types.ts';
import type { Arena } from './arena.ts';
import { integerStride } from './integers.ts';
import { padded } from './model.ts';

/** Bytes of a tile of sums, 4 rows of 16 outputs: a thread's scratch before its scores. */
const TILE_BYTES = 256;
/** A cache line: what one thread writes, no other thread's line holds. */
const LINE = 64;

/** Lines of floats in memory; strides are in bytes. */
export interface Lines {
  at: number;
  stride: number;
}

/** Buffers of floats, a line for one position of one row. */
export class Workspace {
  /** The residual stream. */
  readonly x: Lines;
  /** Its layer-normalised copy. */
  readonly normed: Lines;
  /** Output of attention before its projection. */
  readonly attended: Lines;
  /** Query, key and value, or the MLP's inside. */
  readonly hidden: Lines;
  /** The input of a product as integers. */
  integers = 0;
  /** [lines, vocab], without padding. */
  logits = 0;
  /** Ids of a whole call, i32. */
  tokens = 0;
  /** Tile and scores of each thread. */
  readonly scratch: number;
  readonly scratchStride: number;
  readonly integerStride: number;
  readonly #arena: Arena;
  readonly #vocab: number;
  #lines = 0;
  #logitLines = 0;
  #tokens = 0;
  #view: Float32Array = new Float32Array(0);

  constructor(arena: Arena, config: Gpt2Config, threads: number) {
    this.#arena = arena;
    this.#vocab = config.vocab;
    const stride = padded(config.width) * 4;
    this.x = { at: 0, stride };
    this.normed = { at: 0, stride };
    this.attended = { at: 0, stride };
    this.hidden = { at: 0, stride: padded(Math.max(3 * config.width, config.inner)) * 4 };
    this.integerStride = integerStride(Math.max(config.width, config.inner));
    this.scratchStride = Math.ceil((TILE_BYTES + padded(config.context) * 4) / LINE) * LINE;
    this.scratch = arena.allocate(threads * this.scratchStride);
  }

  /** Room for `tokens` ids, `lines` positions a pass and logits of `logitLines`. @throws VerseletError `out-of-memory`. */
  reserve(tokens: number, lines: number, logitLines: number): void {
    if (lines > this.#lines) this.#growLines(lines);
    if (tokens > this.#tokens) {
      if (this.#tokens > 0) this.#arena.release(this.tokens, this.#tokens * 4);
      this.#tokens = 0;
      this.tokens = this.#arena.allocate(tokens * 4);
      this.#tokens = tokens;
    }
    if (logitLines > this.#logitLines) {
      const bytes = this.#vocab * 4;
      if (this.#logitLines > 0) this.#arena.release(this.logits, this.#logitLines * bytes);
      this.#logitLines = 0;
      this.logits = this.#arena.allocate(logitLines * bytes);
      this.#logitLines = logitLines;
    }
  }

  /** The first `length` logits, without copying. */
  view(length: number): Float32Array {
    const stale = this.#view.buffer !== this.#arena.memory.buffer || this.#view.byteOffset !== this.logits;
    if (stale || this.#view.length !== length) this.#view = this.#arena.floats(this.logits, length);
    return this.#view;
  }

  /** Buffers are zeroed once: kernels read, but never write, the padding of a line. */
  #growLines(lines: number): void {
    const buffers = [this.x, this.normed, this.attended, this.hidden];
    const perLine = buffers.reduce((sum, { stride }) => sum + stride, this.integerStride);
    if (this.#lines > 0) this.#arena.release(this.x.at, this.#lines * perLine);
    this.#lines = 0;
    let at = this.#arena.allocate(lines * perLine);
    this.#arena.octets(at, lines * perLine).fill(0);
    for (const buffer of buffers) {
      buffer.at = at;
      at += lines * buffer.stride;
    }
    this.integers = at;
    this.#lines = lines;
  }
}
