/** Scratch memory of a forward pass, grown when more positions come at once. */

import type { Gpt2Config } from '../../convert/types.ts';
import type { Arena } from './arena.ts';
import { padded } from './model.ts';

/** Floats in a tile of sums: 4 rows of 16 outputs. */
const TILE = 64;

/** Buffers of [lines, stride] floats; a line is one position of one row. Strides are in bytes. */
export class Workspace {
  /** The residual stream. */
  x = 0;
  /** Its layer-normalised copy. */
  normed = 0;
  /** Output of attention before its projection. */
  attended = 0;
  /** Query, key and value, or the MLP's inside. */
  hidden = 0;
  /** [lines, vocab], without padding. */
  logits = 0;
  readonly tile: number;
  readonly scores: number;
  readonly stride: number;
  readonly hiddenStride: number;
  readonly #arena: Arena;
  readonly #vocab: number;
  #lines = 0;
  #logitLines = 0;
  #view = new Float32Array(0);

  constructor(arena: Arena, config: Gpt2Config) {
    this.#arena = arena;
    this.#vocab = config.vocab;
    this.stride = padded(config.width) * 4;
    this.hiddenStride = padded(Math.max(3 * config.width, config.inner)) * 4;
    this.tile = arena.allocate(TILE * 4);
    this.scores = arena.allocate(padded(config.context) * 4);
  }

  /** Room for `lines` positions a pass and logits of `logitLines`. @throws VerseletError `out-of-memory`. */
  reserve(lines: number, logitLines: number): void {
    if (lines > this.#lines) this.#growLines(lines);
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

  /** Whole buffers are zeroed once: kernels read, but never write, the padding of a line. */
  #growLines(lines: number): void {
    const perLine = 3 * this.stride + this.hiddenStride;
    if (this.#lines > 0) this.#arena.release(this.x, this.#lines * perLine);
    this.#lines = 0;
    this.x = this.#arena.allocate(lines * perLine);
    this.#arena.octets(this.x, lines * perLine).fill(0);
    this.normed = this.x + lines * this.stride;
    this.attended = this.normed + lines * this.stride;
    this.hidden = this.attended + lines * this.stride;
    this.#lines = lines;
  }
}
