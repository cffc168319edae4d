/** A GPT-2 on the CPU: our own WebAssembly kernels behind the engine's {@link Backend}. */

import type { Gpt2Config, Gpt2Weights } from '../../convert/types.ts';
import { VerseletError } from '../../errors.ts';
import { checkSelect, stepsOf } from '../backend-checks.ts';
import type { Backend, DeviceInfo } from '../types.ts';
import { Arena } from './arena.ts';
import { layerBytes, PagedCache } from './cache.ts';
import { instantiateKernels, MODE, requireSimd } from './instantiate.ts';
import type { Kernels } from './instantiate.ts';
import type { PackedMatrix } from './matrix.ts';
import { packModel } from './model.ts';
import type { PackedLayer, PackedLinear, PackedModel } from './model.ts';
import { Workspace } from './workspace.ts';

/** Positions (of all rows together) that one pass through the layers computes: bounds the scratch memory. */
const PASS = 64;

export interface WasmOptions {
  /** Threads that compute; only 1 so far. */
  threads?: number;
  /** The relaxed SIMD binary: detected where absent. */
  relaxed?: boolean;
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

  constructor(arena: Arena, kernels: Kernels, weights: Gpt2Weights) {
    this.device = { kind: 'wasm', name: 'CPU', threads: 1, why: 'Own WebAssembly kernels compute on the CPU.' };
    this.#config = weights.config;
    this.#arena = arena;
    this.#kernels = kernels;
    this.#model = packModel(arena, weights);
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
    const { x, stride } = this.#space;
    const { address } = this.#model.wte;
    for (let row = 0; row < this.rows; row++) {
      for (let step = 0; step < count; step++) {
        const token = tokens[row * steps + from + step]!;
        const position = this.#model.wpe + (this.length + step) * width * 4;
        this.#kernels.denseRow(address, width, token, position, x + (row * count + step) * stride);
      }
    }
  }

  #layer(index: number, count: number): void {
    const layer: PackedLayer = this.#model.layers[index]!;
    const { x, normed, hidden, attended, stride, hiddenStride } = this.#space;
    const { width, layerNormEpsilon: epsilon } = this.#config;
    const lines = this.rows * count;
    const { ln1, ln2 } = layer;
    this.#kernels.layerNorm(x, stride, normed, stride, lines, width, ln1.weight, ln1.bias, epsilon);
    this.#linear(layer.qkv, normed, stride, lines, hidden, hiddenStride, MODE.plain);
    this.#attention(index, count);
    this.#linear(layer.proj, attended, stride, lines, x, stride, MODE.add);
    this.#kernels.layerNorm(x, stride, normed, stride, lines, width, ln2.weight, ln2.bias, epsilon);
    this.#linear(layer.up, normed, stride, lines, hidden, hiddenStride, MODE.gelu);
    this.#linear(layer.down, hidden, hiddenStride, lines, x, stride, MODE.add);
  }

  /** Caches the keys and values of the pass, then attends from each of its positions over what precedes it. */
  #attention(index: number, count: number): void {
    const { heads, width } = this.#config;
    const { hidden, attended, stride, hiddenStride, scores } = this.#space;
    const headDim = width / heads;
    const offset = index * this.#layerBytes;
    for (let row = 0; row < this.rows; row++) {
      const table = this.#cache.tableOf(row);
      for (let step = 0; step < count; step++) {
        const line = row * count + step;
        const position = this.length + step;
        const query = hidden + line * hiddenStride;
        const page = this.#cache.pageOf(row, position) + offset;
        this.#kernels.append(query + width * 4, query + width * 8, page, position % 16, heads, headDim);
        const out = attended + line * stride;
        this.#kernels.attend(query, out, table, offset, position + 1, heads, headDim, scores);
      }
    }
  }

  #logitsOfAll(steps: number, from: number, count: number): void {
    const { x, stride, logits } = this.#space;
    for (let row = 0; row < this.rows; row++) {
      this.#head(x + row * count * stride, stride, count, logits + (row * steps + from) * this.vocab * 4);
    }
  }

  #logitsOfLast(count: number): void {
    const { x, stride, logits } = this.#space;
    this.#head(x + (count - 1) * stride, count * stride, this.rows, logits);
  }

  #head(x: number, xStride: number, lines: number, out: number): void {
    const { weight, bias } = this.#model.lnF;
    const { normed, stride } = this.#space;
    const { width, layerNormEpsilon: epsilon } = this.#config;
    this.#kernels.layerNorm(x, xStride, normed, stride, lines, width, weight, bias, epsilon);
    this.#product(this.#model.head, 0, normed, stride, lines, out, this.vocab * 4, MODE.plain);
  }

  #linear(
    { weight, bias }: PackedLinear,
    x: number,
    xStride: number,
    lines: number,
    out: number,
    outStride: number,
    mode: number,
  ): void {
    this.#product(weight, bias, x, xStride, lines, out, outStride, mode);
  }

  #product(
    matrix: PackedMatrix,
    bias: number,
    x: number,
    xStride: number,
    lines: number,
    out: number,
    outStride: number,
    mode: number,
  ): void {
    const { address, cols, outs, panels } = matrix;
    const { tile } = this.#space;
    this.#kernels.denseProduct(x, xStride, lines, address, cols, bias, out, outStride, outs, 0, panels, mode, tile);
  }
}

/**
 * A backend over `weights`, which it copies into WebAssembly memory.
 * @throws VerseletError `no-device` where WebAssembly SIMD is missing or forbidden; `out-of-memory`.
 */
export async function createWasmBackend(weights: Gpt2Weights, options: WasmOptions = {}): Promise<WasmBackend> {
  requireSimd();
  const arena = new Arena();
  const kernels = await instantiateKernels(arena.memory, options.relaxed);
  return new WasmBackend(arena, kernels, weights);
}

export type { WasmBackend };
