/** GPT-2 in plain TypeScript: slow, small, and the yardstick that the graphs and the kernels are held against. */
import type { Gpt2Weights, LayerNorm, Linear } from './types.ts';
import { dequantize } from './quantize.ts';

interface DenseLinear {
  weight: Float32Array;
  bias?: Float32Array;
  rows: number;
  cols: number;
}

interface DenseLayer {
  ln1: LayerNorm;
  qkv: DenseLinear;
  proj: DenseLinear;
  ln2: LayerNorm;
  up: DenseLinear;
  down: DenseLinear;
  keys: Float32Array[];
  values: Float32Array[];
}

export interface ReferenceModel {
  /** Feeds `ids` after those fed before. @returns the logits after each, [ids.length, vocab]. */
  forward(ids: readonly number[]): Float32Array;
  /** Forgets what was fed. */
  reset(): void;
}

/** A model with an empty cache; quantized weights are expanded once. */
export function referenceModel(weights: Gpt2Weights): ReferenceModel {
  const { width, vocab } = weights.config;
  const table = dequantize(weights.wte);
  const head: DenseLinear = { weight: weights.head ? dequantize(weights.head) : table, rows: vocab, cols: width };
  const layers = weights.layers.map((layer): DenseLayer => {
    const { ln1, ln2 } = layer;
    const [qkv, proj, up, down] = [layer.qkv, layer.proj, layer.up, layer.down].map(dense) as [
      DenseLinear, DenseLinear, DenseLinear, DenseLinear,
    ];
    return { ln1, qkv, proj, ln2, up, down, keys: [], values: [] };
  });
  return {
    forward(ids) {
      const logits = new Float32Array(ids.length * vocab);
      ids.forEach((id, i) => {
        const position = layers[0]!.keys.length;
        const x = table.slice(id * width, (id + 1) * width);
        for (let c = 0; c < width; c++) x[c]! += weights.wpe[position * width + c]!;
        for (const layer of layers) block(layer, x, weights);
        logits.set(apply(head, norm(weights.lnF, x, weights.config.layerNormEpsilon)), i * vocab);
      });
      return logits;
    },
    reset() {
      for (const layer of layers) {
        layer.keys = [];
        layer.values = [];
      }
    },
  };
}

/** The `count` tokens that always taking the likeliest one gives after `prompt`; the first of equals wins. */
export function greedyTokens(model: ReferenceModel, prompt: readonly number[], count: number): number[] {
  model.reset();
  const tokens: number[] = [];
  let logits = model.forward(prompt);
  let last = logits.subarray(logits.length - logits.length / prompt.length);
  while (tokens.length < count) {
    let best = 0;
    for (let i = 1; i < last.length; i++) if (last[i]! > last[best]!) best = i;
    tokens.push(best);
    if (tokens.length < count) last = logits = model.forward([best]);
  }
  return tokens;
}

function block(layer: DenseLayer, x: Float32Array, { config }: Gpt2Weights): void {
  const { width, heads, layerNormEpsilon } = config;
  const qkv = apply(layer.qkv, norm(layer.ln1, x, layerNormEpsilon));
  layer.keys.push(qkv.slice(width, 2 * width));
  layer.values.push(qkv.slice(2 * width));
  const mixed = new Float32Array(width);
  for (let h = 0; h < heads; h++) attend(layer, qkv, mixed, (h * width) / heads, width / heads);
  add(x, apply(layer.proj, mixed));
  const up = apply(layer.up, norm(layer.ln2, x, layerNormEpsilon));
  add(x, apply(layer.down, up.map(gelu)));
}

function attend({ keys, values }: DenseLayer, query: Float32Array, out: Float32Array, from: number, size: number): void {
  const scores = keys.map((key) => {
    let sum = 0;
    for (let c = from; c < from + size; c++) sum += query[c]! * key[c]!;
    return sum / Math.sqrt(size);
  });
  const top = Math.max(...scores);
  const shares = scores.map((score) => Math.exp(score - top));
  const total = shares.reduce((sum, share) => sum + share, 0);
  shares.forEach((share, t) => {
    for (let c = from; c < from + size; c++) out[c]! += (share / total) * values[t]![c]!;
  });
}

function apply({ weight, bias, rows, cols }: DenseLinear, x: Float32Array): Float32Array {
  const out = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    let sum = bias?.[r] ?? 0;
    for (let c = 0; c < cols; c++) sum += weight[r * cols + c]! * x[c]!;
    out[r] = sum;
  }
  return out;
}

function norm({ weight, bias }: LayerNorm, x: Float32Array, epsilon: number): Float32Array {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
  const scale = 1 / Math.sqrt(variance + epsilon);
  return x.map((v, i) => (v - mean) * scale * weight[i]! + bias[i]!);
}

function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function add(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) x[i]! += y[i]!;
}

function dense({ weight, bias }: Linear): DenseLinear {
  return { weight: dequantize(weight), bias, rows: weight.rows, cols: weight.cols };
}
