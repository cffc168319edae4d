import type { Gpt2Config, Gpt2Layer, Gpt2Weights, LayerNorm, Linear, Matrix } from './types.ts';
import { HEAD } from './layout.ts';

/** Where the tensors of a GPT-2 come from, by canonical name. */
export interface TensorLookup {
  matrix(name: string): Matrix;
  vector(name: string): Float32Array;
}

/** Puts the tensors of a GPT-2 together. Errors are the lookup's. */
export function gatherWeights(config: Gpt2Config, head: boolean, from: TensorLookup): Gpt2Weights {
  const norm = (name: string): LayerNorm => ({ weight: from.vector(`${name}.weight`), bias: from.vector(`${name}.bias`) });
  const linear = (name: string): Linear => ({ weight: from.matrix(`${name}.weight`), bias: from.vector(`${name}.bias`) });
  const layer = (i: number): Gpt2Layer => ({
    ln1: norm(`h.${i}.ln_1`),
    qkv: linear(`h.${i}.attn.c_attn`),
    proj: linear(`h.${i}.attn.c_proj`),
    ln2: norm(`h.${i}.ln_2`),
    up: linear(`h.${i}.mlp.c_fc`),
    down: linear(`h.${i}.mlp.c_proj`),
  });
  return {
    config,
    wte: from.matrix('wte.weight'),
    wpe: from.vector('wpe.weight'),
    layers: Array.from({ length: config.layers }, (_, i) => layer(i)),
    lnF: norm('ln_f'),
    ...(head ? { head: from.matrix(HEAD) } : {}),
  };
}
