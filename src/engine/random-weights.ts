/** Small GPT-2 weights from a seed, for tests of backends and decode loops. Never shipped. */

import type { DenseMatrix, Gpt2Config, Gpt2Layer, Gpt2Weights, LayerNorm, Linear } from '../convert/types.ts';
import { randomStream } from './random.ts';

/** The shape that tests use: large enough to tell two tokens apart, small enough for a millisecond a token. */
export const TINY_CONFIG: Gpt2Config = {
  layers: 2,
  heads: 2,
  width: 32,
  inner: 128,
  vocab: 64,
  context: 48,
  layerNormEpsilon: 1e-5,
};

/** Normally distributed f32 weights of the shape in `config`, the same for the same `seed`. */
export function randomWeights(config: Gpt2Config = TINY_CONFIG, seed = 1): Gpt2Weights {
  const random = randomStream(seed, 0x57e1);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const fill = (length: number, deviation: number, mean = 0): Float32Array =>
    Float32Array.from({ length }, () => mean + deviation * normal());
  const matrix = (rows: number, cols: number, deviation: number): DenseMatrix => ({
    kind: 'f32',
    rows,
    cols,
    data: fill(rows * cols, deviation),
  });
  const { width, inner } = config;
  const linear = (rows: number, cols: number): Linear => ({
    weight: matrix(rows, cols, 1 / Math.sqrt(cols)),
    bias: fill(rows, 0.1),
  });
  const norm = (): LayerNorm => ({ weight: fill(width, 0.1, 1), bias: fill(width, 0.1) });
  const layer = (): Gpt2Layer => ({
    ln1: norm(),
    qkv: linear(3 * width, width),
    proj: linear(width, width),
    ln2: norm(),
    up: linear(inner, width),
    down: linear(width, inner),
  });
  return {
    config,
    // Larger than GPT-2's 0.02, so that the untrained logits differ clearly.
    wte: matrix(config.vocab, width, 0.4),
    wpe: fill(config.context * width, 0.1),
    layers: Array.from({ length: config.layers }, layer),
    lnF: norm(),
  };
}
