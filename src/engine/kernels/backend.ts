/**
 * A GPT-2 on the CPU: our own WebAssembly kernels behind the engine's {@link Backend}. A few kB in place of a runtime of
 * some MB, in browsers (best in a worker: `forward` computes without a pause) and in Node.
 *
 * - Matrices of 4 or 8 bits compute as they are, with activations as 16-bit or 14-bit integers, a scale for each 32:
 *   the sums of a block are exact, so base SIMD, relaxed SIMD, every engine, every batch size and every way to cut a
 *   prompt give the same bits, and so the same poem. Measured on verse-nano against the same weights in f32: the same
 *   1,800 of 1,800 greedy tokens, logits off by 2.5e-4 (root mean square; 0.002 at most, of up to 20).
 * - Which kernel: the matrix decides. Quantized ones take the integer kernels at every size, since these measured faster
 *   than the same matrix in f32 for one row (2.4 times at verse-nano, 3 times at GPT-2 small's shape, where memory
 *   decides) and for eight (1.4 and 2 times). Dense ones, and odd block sizes, compute in f32.
 * - No fused multiply-add in f32, though relaxed SIMD has one: it would round differently from device to device.
 */

import type { Gpt2Config, Gpt2Weights } from '../../convert/types.ts';
import { VerseletError } from '../../errors.ts';
import { checkSelect, stepsOf } from '../backend-checks.ts';
import type { Backend, DeviceInfo } from '../types.ts';
import { relaxedSimdAgrees } from './agreement.ts';
import { Arena } from './arena.ts';
import { layerBytes, PAGE_POSITIONS, PagedCache } from './cache.ts';
import { instantiateKernels, MODE, requireSimd } from './instantiate.ts';
import type { Kernels } from './instantiate.ts';
import { packModel } from './model.ts';
import type { PackedLayer, PackedLinear, PackedModel, PackedNorm } from './model.ts';
import { embed, product } from './product.ts';
import type { Lines } from './product.ts';
import { Workspace } from './workspace.ts';

/** Positions (of all rows together) that one pass through the layers computes: bounds the scratch memory. */
const PASS = 64;

export interface WasmOptions {
  /** Threads that compute; only 1 so far. */
  threads?: number;
  /** The relaxed SIMD binary: detected where absent. */
  relaxed?: boolean;
  /** Compute quantized matrices in f32 (for comparison; slower). */
  expand?: boolean;
}

class WasmBackend implements Backend {
  readonly device: DeviceInfo;
  readonly #config: Gpt2Config;
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #model: PackedModel;
  readonly #cache: PagedCache;
  readonly #space: Workspace;
  readonly #layerBytes: number;
  #disposed = false;

  constructor(arena: Arena, kernels: Kernels, weights: Gpt2Weights, expand: boolean) {
    this.device = { kind: 'wasm', name: 'CPU', threads: 1, why: 'Own WebAssembly kernels compute on the CPU.' };
    this.#config = weights.config;
    this.#arena = arena;
    this.#kernels = kernels;
    this.#model = packModel(arena, weights, expand);
    this.#cache = new PagedCache(arena, weights.config);
    this.#space = new Workspace(arena, weights.config);
    this.#layerBytes = layerBytes(weights.config);
  }

  get vocab(): number {
    return this.#config.vocab;
  }

  get context(): number {
    return this.#config.context;
  }

  get rows(): number {
    return this.#cache.rows;
  }

  get length(): number {
    return this.#cache.length;
  }

  /** Bytes of WebAssembly memory: weights, cache and scratch. */
  get memoryBytes(): number {
    return this.#arena.bytes;
  }

  /** Pages of the KV cache in use; rows share the pages of their common prefix. */
  get cachePages(): number {
    return this.#cache.pages;
  }

  async forward(tokens: Int32Array, options: { all?: boolean } = {}): Promise<Float32Array> {
    this.#alive();
    const steps = stepsOf(this, tokens);
    const { rows } = this;
    const all = options.all === true;
    const perPass = Math.max(1, Math.floor(PASS / rows));
    this.#space.reserve(rows * Math.min(steps, perPass), rows * (all ? steps : 1));
    this.#cache.reserve(steps);
    for (let from = 0; from < steps; from += perPass) {
      const count = Math.min(perPass, steps - from);
      this.#embed(tokens, steps, from, count);
      for (let layer = 0; layer < this.#model.layers.length; layer++) this.#layer(layer, count);
      if (all) this.#logitsOfAll(steps, from, count);
      else if (from + count === steps) this.#logitsOfLast(count);
      this.#cache.advance(count);
    }
    return this.#space.view(rows * (all ? steps : 1) * this.vocab);
  }

  async select(from: readonly number[], length: number): Promise<void> {
    this.#alive();
    checkSelect(this, from, length);
    this.#cache.select(from, length);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
  }

  #alive(): void {
    if (this.#disposed) throw new VerseletError('device-lost', 'The model was already disposed.');
  }

  /** x = wte[token] + wpe[position], for steps from..from + count of every row. */
  #embed(tokens: Int32Array, steps: number, from: number, count: number): void {
    const { width } = this.#config;
    const { at, stride } = this.#space.x;
    for (let row = 0; row < this.rows; row++) {
      for (let step = 0; step < count; step++) {
        const token = tokens[row * steps + from + step]!;
        const position = this.#model.wpe + (this.length + step) * width * 4;
        embed(this.#kernels, this.#model.wte, token, position, at + (row * count + step) * stride);
      }
    }
  }

  #layer(index: number, count: number): void {
    const layer: PackedLayer = this.#model.layers[index]!;
    const { x, normed, attended, hidden } = this.#space;
    const lines = this.rows * count;
    this.#norm(layer.ln1, x, lines);
    this.#linear(layer.qkv, normed, lines, hidden, MODE.plain);
    this.#attention(index, count);
    this.#linear(layer.proj, attended, lines, x, MODE.add);
    this.#norm(layer.ln2, x, lines);
    this.#linear(layer.up, normed, lines, hidden, MODE.plain);
    this.#kernels.gelu(hidden.at, hidden.stride, lines, this.#config.inner);
    this.#linear(layer.down, hidden, lines, x, MODE.add);
  }

  /** Caches the keys and values of the pass, then attends from each of its positions over what precedes it. */
  #attention(index: number, count: number): void {
    const { heads, width } = this.#config;
    const { hidden, attended, scores } = this.#space;
    const headDim = width / heads;
    const offset = index * this.#layerBytes;
    for (let row = 0; row < this.rows; row++) {
      const table = this.#cache.tableOf(row);
      for (let step = 0; step < count; step++) {
        const line = row * count + step;
        const position = this.length + step;
        const query = hidden.at + line * hidden.stride;
        const page = this.#cache.pageOf(row, position) + offset;
        const slot = position % PAGE_POSITIONS;
        this.#kernels.append(query + width * 4, query + width * 8, page, slot, heads, headDim);
        const out = attended.at + line * attended.stride;
        this.#kernels.attend(query, out, table, offset, position + 1, heads, headDim, scores);
      }
    }
  }

  #logitsOfAll(steps: number, from: number, count: number): void {
    const { at, stride } = this.#space.x;
    for (let row = 0; row < this.rows; row++) {
      this.#head({ at: at + row * count * stride, stride }, count, row * steps + from);
    }
  }

  #logitsOfLast(count: number): void {
    const { at, stride } = this.#space.x;
    this.#head({ at: at + (count - 1) * stride, stride: count * stride }, this.rows, 0);
  }

  /** Logits of `lines` lines of the residual stream, written as lines first.. of the logits. */
  #head(x: Lines, lines: number, first: number): void {
    const stride = this.vocab * 4;
    this.#norm(this.#model.lnF, x, lines);
    const out = { at: this.#space.logits + first * stride, stride };
    product(this.#kernels, this.#space, this.#model.head, 0, this.#space.normed, lines, out, MODE.plain);
  }

  /** Layer-normalises `lines` lines of `x` into `normed`. */
  #norm({ weight, bias }: PackedNorm, x: Lines, lines: number): void {
    const { at, stride } = this.#space.normed;
    const { width, layerNormEpsilon: epsilon } = this.#config;
    this.#kernels.layerNorm(x.at, x.stride, at, stride, lines, width, weight, bias, epsilon);
  }

  #linear({ weight, bias }: PackedLinear, x: Lines, lines: number, out: Lines, mode: number): void {
    product(this.#kernels, this.#space, weight, bias, x, lines, out, mode);
  }
}

/**
 * A backend over `weights`, which it copies into WebAssembly memory.
 * @throws VerseletError `no-device` where WebAssembly SIMD is missing or forbidden; `out-of-memory`.
 */
export async function createWasmBackend(weights: Gpt2Weights, options: WasmOptions = {}): Promise<WasmBackend> {
  requireSimd();
  const arena = new Arena();
  const kernels = await instantiateKernels(arena.memory, options.relaxed ?? (await relaxedSimdAgrees()));
  return new WasmBackend(arena, kernels, weights, options.expand === true);
}

export { relaxedSimdAgrees };
export type { WasmBackend };
