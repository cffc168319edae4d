/** Which bits a tensor gets, and packing a model that is in memory as a whole. */
import type { Gpt2Weights, Matrix } from './types.ts';
import type { Bits } from './quantize.ts';
import type { PackedTensor } from './packed.ts';
import type { Role, TensorSpec } from './layout.ts';
import { HEAD, tensorSpecs } from './layout.ts';
import { assemblePacked, packMatrix, packValues } from './packed.ts';
import { BLOCK, quantize } from './quantize.ts';

export interface PackOptions {
  /** Bits of the embedding and the head; by default {@link bitsFor}. */
  tableBits?: Bits;
  /** Values a scale, 32 by default. */
  block?: number;
}

/** Tables up to this many values are kept in 8 bits: a small model's table is much of it, and loses most by 4. */
const SMALL_TABLE = 4_000_000;

/** Bits of a matrix of `count` values: linear layers 4, small tables 8, large ones 4 (measured, see the README). */
export function bitsFor(role: Role, count: number, options: PackOptions = {}): Bits {
  if (role !== 'table') return 4;
  return options.tableBits ?? (count <= SMALL_TABLE ? 8 : 4);
}

/** The packed file of a model in memory. Matrices that are quantized already stay as they are. */
export function packWeights(weights: Gpt2Weights, options: PackOptions = {}): Uint8Array {
  const tensors: PackedTensor[] = [];
  for (const spec of tensorSpecs(weights.config, weights.head !== undefined)) {
    const value = tensorOf(weights, spec);
    if (value instanceof Float32Array) tensors.push(packValues(spec, value));
    else tensors.push(...packMatrix(spec.name, quantized(value, spec, options)));
  }
  return assemblePacked(weights.config, tensors);
}

function quantized(matrix: Matrix, { role }: TensorSpec, options: PackOptions) {
  if (matrix.kind !== 'f32') return matrix;
  return quantize(matrix, bitsFor(role, matrix.rows * matrix.cols, options), options.block ?? BLOCK);
}

function tensorOf(weights: Gpt2Weights, { name }: TensorSpec): Matrix | Float32Array {
  if (name === 'wte.weight') return weights.wte;
  if (name === 'wpe.weight') return weights.wpe;
  if (name === HEAD) return weights.head!;
  const [, index, module, part] = /^(?:h\.(\d+)\.)?([\w.]+)\.(weight|bias)$/.exec(name)!;
  const layer = index === undefined ? undefined : weights.layers[Number(index)]!;
  const owner = {
    ln_1: layer?.ln1,
    'attn.c_attn': layer?.qkv,
    'attn.c_proj': layer?.proj,
    ln_2: layer?.ln2,
    'mlp.c_fc': layer?.up,
    'mlp.c_proj': layer?.down,
    ln_f: weights.lnF,
  }[module!]!;
  return owner[part as 'weight' | 'bias'];
}
