/** Passes over a row of logits in WebAssembly: a tenth of what the same loops cost in JavaScript. */

import { bytesOfBase64 } from '../base64.ts';
import { SCAN_BINARY } from './binary.ts';

/** See `assembly/index.ts`. */
interface Passes {
  highest(row: number, count: number, blocks: number): number;
  mass(row: number, count: number, top: number): number;
  floorOf(blocks: number, count: number, limit: number, top: number): number;
  admit(row: number, count: number, mask: number, blocks: number): number;
  atLeast(row: number, count: number, blocks: number, floor: number, out: number): number;
}

const BLOCK = 32;
const WASM_PAGE = 65_536;
/** The lowest number that is one. */
const LOWEST = -3.4028234663852886e38;

/** One row of logits at a time, copied in. */
export class LogitScan {
  readonly #passes: Passes;
  /** The row, padded with -Infinity to whole blocks. */
  readonly #row: Float32Array;
  /** The highest of each block, after {@link LogitScan.load}. */
  readonly #blocks: Float32Array;
  readonly #found: Int32Array;
  /** Values at the places of {@link LogitScan.#found}. */
  readonly #values: Float32Array;
  readonly #mask: Uint8Array;

  constructor(vocab: number, instantiate: (memory: WebAssembly.Memory) => Passes) {
    const count = Math.ceil(vocab / BLOCK) * BLOCK;
    // Four at a time are counted.
    const blocks = Math.ceil(count / BLOCK / 4) * 4;
    const bytes = 4 * (3 * count + blocks) + count;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / WASM_PAGE) });
    this.#row = new Float32Array(memory.buffer, 0, count).fill(-Infinity);
    this.#found = new Int32Array(memory.buffer, 4 * count, count);
    this.#blocks = new Float32Array(memory.buffer, 8 * count, blocks).fill(-Infinity);
    this.#values = new Float32Array(memory.buffer, 8 * count + 4 * blocks, count);
    this.#mask = new Uint8Array(memory.buffer, 12 * count + 4 * blocks, count);
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

  /**
   * Adds `bias` to the row that was loaded, in single precision, and leaves the values that `allow` names: places, or a
   * mask, [vocab], 1 for those. The others become -Infinity.
   * @returns the highest value that is left.
   */
  shape(allow: Uint8Array | readonly number[], bias: ReadonlyMap<number, number> | undefined): number {
    const row = this.#row;
    if (bias) for (const [id, value] of bias) row[id]! += value;
    const mask = this.#mask;
    if (allow instanceof Uint8Array) {
      mask.set(allow);
      mask.fill(0, allow.length);
    } else {
      mask.fill(0);
      for (const place of allow) mask[place] = 1;
    }
    return this.#passes.admit(0, row.length, mask.byteOffset, this.#blocks.byteOffset);
  }

  /** Places of all values of at least `floor`, ascending; valid until the next call. */
  atLeast(floor: number): Int32Array {
    const { length } = this.#row;
    return this.#found.subarray(0, this.#passes.atLeast(0, length, this.#blocks.byteOffset, floor, this.#found.byteOffset));
  }

  /**
   * Places of the best `limit` values and few more, ascending; of all that are numbers where there are not so many, or
   * the row has too few blocks to tell. Valid until the next call.
   * @param top the highest value.
   * @param slack values so far below what they should reach are listed too.
   */
  best(limit: number, top: number, slack: number): Int32Array {
    const blocks = this.#blocks;
    const few = blocks.length < 2 * limit;
    const rough = few ? LOWEST : this.#passes.floorOf(blocks.byteOffset, blocks.length, limit, top);
    const places = this.atLeast(Math.max(rough - slack, LOWEST));
    if (places.length <= limit) return places;
    const floor = this.#floorAmong(places, limit, top) - slack;
    const row = this.#row;
    let kept = 0;
    for (let i = 0; i < places.length; i++) {
      places[kept] = places[i]!;
      if (row[places[i]!]! >= floor) kept += 1;
    }
    return places.subarray(0, kept);
  }

  /** As the blocks tell it, but of the values themselves. */
  #floorAmong(places: Int32Array, limit: number, top: number): number {
    const [row, values] = [this.#row, this.#values];
    const count = Math.ceil(places.length / 4) * 4;
    for (let i = 0; i < places.length; i++) values[i] = row[places[i]!]!;
    values.fill(-Infinity, places.length, count);
    return this.#passes.floorOf(values.byteOffset, count, limit, top);
  }
}

/** Undefined where WebAssembly, its SIMD or the permission to compile it is missing. */
export function createLogitScan(vocab: number): LogitScan | undefined {
  try {
    const module = new WebAssembly.Module(bytesOfBase64(SCAN_BINARY));
    return new LogitScan(vocab, (memory) => new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Passes);
  } catch {
    return undefined;
  }
}
