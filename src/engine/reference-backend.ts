/**
 * GPT-2 in plain TypeScript and double precision, written to be read: the oracle that every faster backend is tested
 * against, and the backend of the engine's own tests. Slow; never shipped.
 */

import type { Gpt2Config, Gpt2Layer, Gpt2Weights, LayerNorm, Linear, Matrix } from '../convert/types.ts';
import { checkSelect, stepsOf } from './backend-checks.ts';
import type { Backend, DeviceInfo } from './types.ts';

/** Value of an IEEE 754 half float given by its 16 bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** `matrix` in full, [rows, cols] row-major. */
export function denseMatrix(matrix: Matrix): Float32Array {
  if (matrix.kind === 'f32') return matrix.data;
  const { rows, cols, block, data, scales } = matrix;
  const blocks = Math.ceil(cols / block);
  const out = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const scale = halfToNumber(scales[row * blocks + Math.floor(col / block)]!);
      const at = row * blocks * block + col;
      let value: number;
      if (matrix.kind === 'q8') value = data[at]! - 128;
      else value = ((at & 1 ? data[at >> 1]! >> 4 : data[at >> 1]! & 15) - 8) as number;
      out[row * cols + col] = value * scale;
    }
  }
  return out;
}

/** (x - mean) / sqrt(variance + epsilon) × weight + bias. */
function layerNorm(x: Float64Array, norm: LayerNorm, epsilon: number): Float64Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const scale = 1 / Math.sqrt(variance + epsilon);
  return x.map((value, i) => (value - mean) * scale * norm.weight[i]! + norm.bias[i]!);
}

/** weight · x + bias, with weight [rows, x.length]. */
function multiply(weight: Float32Array, rows: number, x: Float64Array, bias?: Float32Array): Float64Array {
  const out = new Float64Array(rows);
  const cols = x.length;
  for (let row = 0; row < rows; row++) {
    let sum = bias ? bias[row]! : 0;
    const start = row * cols;
    for (let col = 0; col < cols; col++) sum += weight[start + col]! * x[col]!;
    out[row] = sum;
  }
  return out;
}

/** GELU as GPT-2 has it: the tanh approximation (`gelu_new`). */
function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** The keys and values of one sequence: a Float64Array of `width` for each position, by layer. */
interface CachedRow {
  keys: Float64Array[][];
  values: Float64Array[][];
}

interface DenseLinear {
  weight: Float32Array;
  bias: Float32Array;
  rows: number;
}

interface DenseLayer {
  source: Gpt2Layer;
  qkv: DenseLinear;
  proj: DenseLinear;
  up: DenseLinear;
  down: DenseLinear;
}

function denseLinear(linear: Linear): DenseLinear {
  return { weight: denseMatrix(linear.weight), bias: linear.bias, rows: linear.weight.rows };
}

function apply(linear: DenseLinear, x: Float64Array): Float64Array {
  return multiply(linear.weight, linear.rows, x, linear.bias);
}

/** Causal attention of the newest position over all cached ones, all heads, before the output projection. */
function attend(query: Float64Array, keys: Float64Array[], values: Float64Array[], heads: number): Float64Array {
  const width = query.length;
  const size = width / heads;
  const out = new Float64Array(width);
  for (let head = 0; head < heads; head++) {
    const start = head * size;
    const scores = keys.map((key) => {
      let dot = 0;
      for (let i = start; i < start + size; i++) dot += query[i]! * key[i]!;
      return dot / Math.sqrt(size);
    });
    const top = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - top));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [position, weight] of weights.entries()) {
      const value = values[position]!;
      for (let i = start; i < start + size; i++) out[i]! += (weight / total) * value[i]!;
    }
  }
  return out;
}

function add(x: Float64Array, y: Float64Array): Float64Array {
  return x.map((value, i) => value + y[i]!);
}

function emptyRow(layers: number): CachedRow {
  const perLayer = (): Float64Array[][] => Array.from({ length: layers }, () => []);
  return { keys: perLayer(), values: perLayer() };
}

/** A {@link Backend} over `weights`; quantized matrices are expanded once. */
export class ReferenceBackend implements Backend {
  readonly device: DeviceInfo = { kind: 'wasm', name: 'Reference', threads: 1, why: 'It is the reference.' };
  readonly vocab: number;
  readonly context: number;
  /** Calls of `forward` and positions computed (rows × steps), for tests of prefix reuse. */
  readonly counts = { forwards: 0, positions: 0 };

  readonly #config: Gpt2Config;
  readonly #weights: Gpt2Weights;
  readonly #wte: Float32Array;
  readonly #head: Float32Array;
  readonly #layers: DenseLayer[];
  #cache: CachedRow[];
  #length = 0;

  constructor(weights: Gpt2Weights) {
    this.#config = weights.config;
    this.#weights = weights;
    this.vocab = weights.config.vocab;
    this.context = weights.config.context;
    this.#wte = denseMatrix(weights.wte);
    this.#head = weights.head ? denseMatrix(weights.head) : this.#wte;
    this.#layers = weights.layers.map((layer) => ({
      source: layer,
      qkv: denseLinear(layer.qkv),
      proj: denseLinear(layer.proj),
      up: denseLinear(layer.up),
      down: denseLinear(layer.down),
    }));
    this.#cache = [emptyRow(weights.config.layers)];
  }

  get rows(): number {
    return this.#cache.length;
  }

  get length(): number {
    return this.#length;
  }

  async forward(tokens: Int32Array, options: { all?: boolean } = {}): Promise<Float32Array> {
    const steps = stepsOf(this, tokens);
    const kept = options.all ? steps : 1;
    const out = new Float32Array(this.rows * kept * this.vocab);
    for (const [index, row] of this.#cache.entries()) {
      for (let step = 0; step < steps; step++) {
        const logits = this.#position(row, tokens[index * steps + step]!, this.#length + step);
        const slot = step - (steps - kept);
        if (slot >= 0) out.set(logits, (index * kept + slot) * this.vocab);
      }
    }
    this.#length += steps;
    this.counts.forwards += 1;
    this.counts.positions += tokens.length;
    return out;
  }

  async select(from: readonly number[], length: number): Promise<void> {
    checkSelect(this, from, length);
    const cut = (perLayer: Float64Array[][]): Float64Array[][] => perLayer.map((list) => list.slice(0, length));
    this.#cache = from.map((i) => ({ keys: cut(this.#cache[i]!.keys), values: cut(this.#cache[i]!.values) }));
    this.#length = length;
  }

  async dispose(): Promise<void> {
    this.#cache = [];
  }

  /** Logits of one token at one position of one row, whose keys and values are appended to its cache. */
  #position(row: CachedRow, token: number, position: number): Float64Array {
    const { width, heads, layerNormEpsilon: epsilon } = this.#config;
    let x = new Float64Array(width);
    for (let i = 0; i < width; i++) {
      x[i] = this.#wte[token * width + i]! + this.#weights.wpe[position * width + i]!;
    }
    for (const [l, layer] of this.#layers.entries()) {
      const qkv = apply(layer.qkv, layerNorm(x, layer.source.ln1, epsilon));
      row.keys[l]!.push(qkv.slice(width, 2 * width));
      row.values[l]!.push(qkv.slice(2 * width));
      const attended = attend(qkv.slice(0, width), row.keys[l]!, row.values[l]!, heads);
      x = add(x, apply(layer.proj, attended)) as Float64Array<ArrayBuffer>;
      const up = apply(layer.up, layerNorm(x, layer.source.ln2, epsilon)).map(gelu);
      x = add(x, apply(layer.down, up)) as Float64Array<ArrayBuffer>;
    }
    return multiply(this.#head, this.vocab, layerNorm(x, this.#weights.lnF, epsilon));
  }
}
