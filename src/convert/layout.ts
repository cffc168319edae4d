/** Which tensors a GPT-2 has, what they are called, and which shapes they must have. */
import type { Gpt2Config } from './types.ts';

/** How a tensor is used: `linear` and `table` are matrices worth quantizing, the rest stays as it is. */
export type Role = 'linear' | 'table' | 'positions' | 'vector';

export interface TensorSpec {
  /** Canonical name, as transformers' GPT2Model has it, e.g. `h.0.attn.c_attn.weight`. */
  name: string;
  role: Role;
  /** [out, in] of a linear layer, [rows, width] of a table, [length] of a vector. */
  shape: readonly number[];
}

export const HEAD = 'lm_head.weight';

/** Every tensor of a GPT-2 of this shape, small ones first in each layer; with `head`, the untied head too. */
export function tensorSpecs(config: Gpt2Config, head: boolean): TensorSpec[] {
  const { layers, width, vocab, context } = config;
  const specs: TensorSpec[] = [
    { name: 'wte.weight', role: 'table', shape: [vocab, width] },
    { name: 'wpe.weight', role: 'positions', shape: [context, width] },
  ];
  for (let i = 0; i < layers; i++) specs.push(...layerSpecs(`h.${i}.`, config));
  specs.push(...normSpecs('ln_f', width));
  if (head) specs.push({ name: HEAD, role: 'table', shape: [vocab, width] });
  return specs;
}

function layerSpecs(prefix: string, { width, inner }: Gpt2Config): TensorSpec[] {
  return [
    ...normSpecs(`${prefix}ln_1`, width),
    ...linearSpecs(`${prefix}attn.c_attn`, 3 * width, width),
    ...linearSpecs(`${prefix}attn.c_proj`, width, width),
    ...normSpecs(`${prefix}ln_2`, width),
    ...linearSpecs(`${prefix}mlp.c_fc`, inner, width),
    ...linearSpecs(`${prefix}mlp.c_proj`, width, inner),
  ];
}

function normSpecs(name: string, width: number): TensorSpec[] {
  return ['weight', 'bias'].map((part) => ({ name: `${name}.${part}`, role: 'vector' as const, shape: [width] }));
}

function linearSpecs(name: string, out: number, input: number): TensorSpec[] {
  return [
    { name: `${name}.weight`, role: 'linear', shape: [out, input] },
    { name: `${name}.bias`, role: 'vector', shape: [out] },
  ];
}
