/** A GPT-2 in the layout of the hub's ONNX files, with the traits that differ between exports. For tests only. */

import { OnnxBuilder, ElementType } from '../convert/onnx.ts';
import type { Gpt2Weights, Linear } from '../convert/types.ts';
import { denseMatrix } from './reference-backend.ts';

export interface HubGraphOptions {
  /** Merged decoders ask which branch to take. */
  merged?: boolean;
  /** Without `position_ids` the positions are counted in the graph. */
  positions?: boolean;
}

class HubGraph {
  readonly #onnx = new OnnxBuilder();
  readonly #weights: Gpt2Weights;

  constructor(weights: Gpt2Weights) {
    this.#weights = weights;
  }

  build({ merged = false, positions = true }: HubGraphOptions): { model: Uint8Array; data: Uint8Array } {
    const onnx = this.#onnx;
    const { config, wte, wpe, layers, lnF } = this.#weights;
    const { int64, float } = ElementType;
    const ids = onnx.input('input_ids', int64, ['batch_size', 'sequence_length']);
    const attended = onnx.input('attention_mask', int64, ['batch_size', 'total_sequence_length']);
    const cache = ['batch_size', config.heads, 'past_sequence_length', config.width / config.heads];
    for (const name of this.#cacheNames()) onnx.input(`past_key_values.${name}`, float, cache);
    if (merged) onnx.input('use_cache_branch', ElementType.bool, [1]);
    const total = this.#size(attended, 1);
    const past = onnx.node('Sub', [total, this.#size(ids, 1)]);
    const range = onnx.node('Range', [past, total, onnx.int64(1)]);
    const position = positions ? onnx.input('position_ids', int64, ['batch_size', 'sequence_length']) : range;
    const table = onnx.tensor('wte', float, [config.vocab, config.width], denseMatrix(wte));
    const places = onnx.tensor('wpe', float, [config.context, config.width], wpe);
    let x = onnx.node('Add', [onnx.node('Gather', [table, ids]), onnx.node('Gather', [places, position])]);
    const keys = onnx.node('Range', [onnx.int64(0), total, onnx.int64(1)]);
    const seen = onnx.node('LessOrEqual', [keys, onnx.node('Unsqueeze', [range, onnx.int64([1])])]);
    const mask = onnx.node('Where', [seen, this.#scalar(0), this.#scalar(-1e9)]);
    for (const i of layers.keys()) x = this.#block(i, x, mask);
    const head = onnx.node('Transpose', [table], { perm: [1, 0] });
    onnx.node('MatMul', [this.#norm(lnF, x), head], {}, ['logits']);
    onnx.output('logits', float, ['batch_size', 'sequence_length', config.vocab]);
    for (const name of this.#cacheNames()) onnx.output(`present.${name}`, float, cache);
    return onnx.finish();
  }

  #cacheNames(): string[] {
    return this.#weights.layers.flatMap((_, i) => [`${i}.key`, `${i}.value`]);
  }

  #size(name: string, axis: number): string {
    const shape = this.#onnx.node('Shape', [name], { start: axis, end: axis + 1 });
    return this.#onnx.node('Squeeze', [shape, this.#onnx.int64([0])]);
  }

  #scalar(value: number): string {
    return this.#onnx.constant(ElementType.float, [], Float32Array.of(value));
  }

  #vector(values: Float32Array): string {
    return this.#onnx.constant(ElementType.float, [values.length], values);
  }

  #norm({ weight, bias }: { weight: Float32Array; bias: Float32Array }, x: string): string {
    const epsilon = { float: this.#weights.config.layerNormEpsilon };
    return this.#onnx.node('LayerNormalization', [x, this.#vector(weight), this.#vector(bias)], { axis: -1, epsilon });
  }

  #linear({ weight, bias }: Linear, x: string): string {
    const matrix = this.#onnx.constant(ElementType.float, [weight.rows, weight.cols], denseMatrix(weight));
    const turned = this.#onnx.node('Transpose', [matrix], { perm: [1, 0] });
    return this.#onnx.node('Add', [this.#onnx.node('MatMul', [x, turned]), this.#vector(bias)]);
  }

  #block(i: number, x: string, mask: string): string {
    const onnx = this.#onnx;
    const { ln1, qkv, proj, ln2, up, down } = this.#weights.layers[i]!;
    const { width, heads } = this.#weights.config;
    const parts = [0, 1, 2].map((part) => `part.${i}.${part}`);
    onnx.node('Split', [this.#linear(qkv, this.#norm(ln1, x)), onnx.int64([width, width, width])], { axis: -1 }, parts);
    const [query, key, value] = parts.map((part) => {
      const split = onnx.node('Reshape', [part, onnx.int64([0, 0, heads, width / heads])]);
      return onnx.node('Transpose', [split], { perm: [0, 2, 1, 3] });
    }) as [string, string, string];
    const keys = onnx.node('Concat', [`past_key_values.${i}.key`, key], { axis: 2 }, [`present.${i}.key`]);
    const values = onnx.node('Concat', [`past_key_values.${i}.value`, value], { axis: 2 }, [`present.${i}.value`]);
    const scores = onnx.node('MatMul', [query, onnx.node('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
    const scaled = onnx.node('Mul', [scores, this.#scalar((width / heads) ** -0.5)]);
    const shares = onnx.node('Softmax', [onnx.node('Add', [scaled, mask])], { axis: -1 });
    const mixed = onnx.node('Transpose', [onnx.node('MatMul', [shares, values])], { perm: [0, 2, 1, 3] });
    const joined = onnx.node('Reshape', [mixed, onnx.int64([0, 0, width])]);
    const y = onnx.node('Add', [x, this.#linear(proj, joined)]);
    const hidden = onnx.contrib('FastGelu', [this.#linear(up, this.#norm(ln2, y))]);
    return onnx.node('Add', [y, this.#linear(down, hidden)]);
  }
}

/** The graph and its external data. */
export function hubGraph(weights: Gpt2Weights, options: HubGraphOptions = {}): { model: Uint8Array; data: Uint8Array } {
  return new HubGraph(weights).build(options);
}
