/** Passes over a row of logits in WebAssembly: a tenth of what the same loops cost in JavaScript. */

import { SCAN_BINARY } from './binary.ts';

/** See `assembly/index.ts`. */
interface Passes {
  highest(row: number, count: number, blocks: number): number;
  mass(row: number, count: number, top: number): number;
  floorOf(blocks: number, count: number, limit: number, top: number): number;
  atLeast(row: number, count: number, floor: number, out: number): number;
}

const BLOCK = 32;
const WASM_PAGE = 65_536;

/** One row of logits at a time, copied in. */
export class LogitScan {
  readonly #passes: Passes;
  /** The row, padded with -Infinity to whole blocks. */
  readonly #row: Float32Array;
  /** The highest of each block, after {@link LogitScan.load}. */
  readonly #blocks: Float32Array;
  readonly #found: Int32Array;

  constructor(vocab: number, instantiate: (memory: WebAssembly.Memory) => Passes) {
    const count = Math.ceil(vocab / BLOCK) * BLOCK;
    // Four at a time are counted.
    const blocks = Math.ceil(count / BLOCK / 4) * 4;
    const bytes = 4 * (2 * count + blocks);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / WASM_PAGE) });
    this.#row = new Float32Array(memory.buffer, 0, count).fill(-Infinity);
    this.#found = new Int32Array(memory.buffer, 4 * count, count);
    this.#blocks = new Float32Array(memory.buffer, 8 * count, blocks).fill(-Infinity);
    this.#passes = instantiate(memory);
  }

  /** Takes a row, [vocab]. @returns its highest value; where there are NaN, any. */
  load(logits: Float32Array): number {
    this.#row.set(logits);
    return this.#passes.highest(0, this.#row.length, this.#blocks.byteOffset);
  }

  /** Σ exp(x - top) over the row that was loaded, within a millionth; NaN where a logit is. */
  mass(top: number): number {
    return this.#passes.mass(0, this.#row.length, top);
  }

  /** Places of all values of at least `floor`, ascending; valid until the next call. */
  atLeast(floor: number): Int32Array {
    return this.#found.subarray(0, this.#passes.atLeast(0, this.#row.length, floor, this.#found.byteOffset));
  }

  /** A value that at least `limit` of the row reach, and few more; -Infinity where the row has too few blocks to tell. */
  floorOf(limit: number, top: number): number {
    if (this.#blocks.length < 2 * limit) return -Infinity;
    return this.#passes.floorOf(this.#blocks.byteOffset, this.#blocks.length, limit, top);
  }
}

/** Undefined where WebAssembly, its SIMD or the permission to compile it is missing. */
export function createLogitScan(vocab: number): LogitScan | undefined {
  try {
    const bytes = Uint8Array.from(atob(SCAN_BINARY), (character) => character.charCodeAt(0));
    const module = new WebAssembly.Module(bytes);
    return new LogitScan(vocab, (memory) => new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Passes);
  } catch {
    return undefined;
  }
}
