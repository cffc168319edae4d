/** GPT-2 weights in the kernels' memory. */

import type { Gpt2Weights, LayerNorm, Linear, Matrix } from '../../convert/types.ts';
import type { Arena } from './arena.ts';
import { packMatrix } from './matrix.ts';
import type { PackedMatrix } from './matrix.ts';

export interface PackedLinear {
  weight: PackedMatrix;
  /** Padded to whole panels. */
  bias: number;
}

export interface PackedNorm {
  weight: number;
  bias: number;
}

export interface PackedLayer {
  ln1: PackedNorm;
  qkv: PackedLinear;
  proj: PackedLinear;
  ln2: PackedNorm;
  up: PackedLinear;
  down: PackedLinear;
}

export interface PackedModel {
  wte: PackedMatrix;
  head: PackedMatrix;
  wpe: number;
  layers: PackedLayer[];
  lnF: PackedNorm;
}

/** Floats are padded to this many, so that vectors may read past the end. */
const PAD = 32;

/** Floats up to which vectors of `length` are padded. */
export function padded(length: number): number {
  return Math.ceil(length / PAD) * PAD;
}

/**
 * Puts all of `weights` into memory.
 * @param expand quantized matrices as f32.
 * @throws VerseletError `out-of-memory`.
 */
export function packModel(arena: Arena, weights: Gpt2Weights, expand = false): PackedModel {
  const matrix = (source: Matrix): PackedMatrix => packMatrix(arena, source, expand);
  const norm = (source: LayerNorm): PackedNorm => ({
    weight: arena.store(source.weight, padded(source.weight.length)),
    bias: arena.store(source.bias, padded(source.bias.length)),
  });
  const linear = (source: Linear): PackedLinear => ({
    weight: matrix(source.weight),
    bias: arena.store(source.bias, padded(source.bias.length)),
  });
  const wte = matrix(weights.wte);
  return {
    wte,
    head: weights.head ? matrix(weights.head) : wte,
    wpe: arena.store(weights.wpe, weights.wpe.length + PAD),
    layers: weights.layers.map((layer) => ({
      ln1: norm(layer.ln1),
      qkv: linear(layer.qkv),
      proj: linear(layer.proj),
      ln2: norm(layer.ln2),
      up: linear(layer.up),
      down: linear(layer.down),
    })),
    lnF: norm(weights.lnF),
  };
}
