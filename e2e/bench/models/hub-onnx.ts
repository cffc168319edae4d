/**
 * A GPT-2 as the hub's ONNX exports have it: the inputs, outputs and precisions that transformers.js looks for, in one
 * file. Fused operators stand in where ONNX Runtime has them, which only helps the peer that runs this file.
 */
import { ElementType, OnnxBuilder } from '../../../src/convert/onnx.ts';
import { dequantize, quantize } from '../../../src/convert/quantize.ts';
import { fromHalves, toHalves } from '../../../src/convert/half.ts';
import { transpose } from '../../../src/convert/transpose.ts';
import type { Gpt2Layer, Gpt2Weights, LayerNorm, Matrix } from '../../../src/convert/types.ts';

/** `q8`: dynamic quantization to 8 bits, as `model_quantized.onnx`; `q4`: MatMulNBits, as `model_q4.onnx`; `f16`: in half precision. */
export type HubPrecision = 'fp32' | 'fp16' | 'q8' | 'q4' | 'q4f16';

/** The file's name that transformers.js asks for. */
export const HUB_FILES: Record<HubPrecision, string> = {
  fp32: 'model.onnx',
  fp16: 'model_fp16.onnx',
  q8: 'model_quantized.onnx',
  q4: 'model_q4.onnx',
  q4f16: 'model_q4f16.onnx',
};

const ZERO = 128;
const { int64, float, float16, uint8 } = ElementType;

class HubFile {
  readonly #onnx = new OnnxBuilder();
  readonly #weights: Gpt2Weights;
  readonly #precision: HubPrecision;
  /** Of all that is computed. */
  readonly #type: ElementType;
  /** Activations quantized once for each value, as the quantizer's graphs share them. */
  readonly #quantized = new Map<string, string[]>();

  constructor(weights: Gpt2Weights, precision: HubPrecision) {
    this.#weights = weights;
    this.#precision = precision;
    this.#type = precision === 'fp16' || precision === 'q4f16' ? float16 : float;
  }

  build(): Uint8Array {
    const onnx = this.#onnx;
    const { config, wte, head, wpe, layers, lnF } = this.#weights;
    const ids = onnx.input('input_ids', int64, ['batch_size', 'sequence_length']);
    const attended = onnx.input('attention_mask', int64, ['batch_size', 'total_sequence_length']);
    const positions = onnx.input('position_ids', int64, ['batch_size', 'sequence_length']);
    const cache = ['batch_size', config.heads, 'past_sequence_length', config.width / config.heads];
    for (const name of this.#cacheNames()) onnx.input(`past_key_values.${name}`, this.#type, cache);
    const table = this.#numbers([config.vocab, config.width], dequantize(wte));
    const places = this.#numbers([config.context, config.width], wpe);
    let x = onnx.node('Add', [onnx.node('Gather', [table, ids]), onnx.node('Gather', [places, positions])]);
    const mask = this.#mask(ids, attended);
    for (const [i, layer] of layers.entries()) x = this.#block(layer, i, x, mask);
    onnx.node('Cast', [this.#product(head ?? wte, this.#norm(lnF, x))], { to: float }, ['logits']);
    onnx.output('logits', float, ['batch_size', 'sequence_length', config.vocab]);
    for (const name of this.#cacheNames()) onnx.output(`present.${name}`, this.#type, cache);
    return onnx.finish().model;
  }

  #cacheNames(): string[] {
    return this.#weights.layers.flatMap((_, i) => [`${i}.key`, `${i}.value`]);
  }

  /** [1, 1, S, T], 0 where a query may look and a large negative number where not. */
  #mask(ids: string, attended: string): string {
    const onnx = this.#onnx;
    const size = (name: string): string => {
      return onnx.node('Squeeze', [onnx.node('Shape', [name], { start: 1, end: 2 }), onnx.int64([0])]);
    };
    const total = size(attended);
    const past = onnx.node('Sub', [total, size(ids)]);
    const keys = onnx.node('Range', [onnx.int64(0), total, onnx.int64(1)]);
    const queries = onnx.node('Unsqueeze', [onnx.node('Range', [past, total, onnx.int64(1)]), onnx.int64([1])]);
    const seen = onnx.node('LessOrEqual', [keys, queries]);
    const mask = onnx.node('Where', [seen, this.#scalar(0), this.#scalar(this.#type === float16 ? -6e4 : -1e9)]);
    return onnx.node('Unsqueeze', [mask, onnx.int64([0, 1])]);
  }

  #scalar(value: number): string {
    return this.#numbers([], Float32Array.of(value));
  }

  #vector(values: Float32Array): string {
    return this.#numbers([values.length], values);
  }

  /** A constant in the type that the file computes in. */
  #numbers(shape: readonly number[], values: Float32Array): string {
    return this.#onnx.constant(this.#type, shape, this.#type === float16 ? toHalves(values) : values);
  }

  #norm({ weight, bias }: LayerNorm, x: string): string {
    const epsilon = { float: this.#weights.config.layerNormEpsilon };
    return this.#onnx.node('LayerNormalization', [x, this.#vector(weight), this.#vector(bias)], { axis: -1, epsilon });
  }

  #block(layer: Gpt2Layer, i: number, x: string, mask: string): string {
    const onnx = this.#onnx;
    const { width, heads } = this.#weights.config;
    const parts = ['query', 'key', 'value'].map((part) => `${part}.${i}`);
    const normed = this.#norm(layer.ln1, x);
    const mixed = onnx.node('Add', [this.#product(layer.qkv.weight, normed), this.#vector(layer.qkv.bias)]);
    onnx.node('Split', [mixed, onnx.int64([width, width, width])], { axis: -1 }, parts);
    const inputs = [...parts, '', '', mask, `past_key_values.${i}.key`, `past_key_values.${i}.value`];
    const outputs = [`attended.${i}`, `present.${i}.key`, `present.${i}.value`];
    const attended = onnx.contrib('MultiHeadAttention', inputs, { num_heads: heads }, outputs);
    const projected = onnx.node('Add', [this.#product(layer.proj.weight, attended), this.#vector(layer.proj.bias)]);
    const y = onnx.node('Add', [x, projected]);
    const up = this.#product(layer.up.weight, this.#norm(layer.ln2, y));
    const hidden = onnx.contrib('FastGelu', [up, this.#vector(layer.up.bias)]);
    const down = onnx.node('Add', [this.#product(layer.down.weight, hidden), this.#vector(layer.down.bias)]);
    return onnx.node('Add', [y, down]);
  }

  /** x · Wᵀ in the file's precision. */
  #product(matrix: Matrix, x: string): string {
    if (this.#precision === 'q8') return this.#integerProduct(matrix, x);
    if (this.#precision === 'q4' || this.#precision === 'q4f16') return this.#nibbleProduct(matrix, x);
    const turned = transpose(dequantize(matrix), matrix.rows, matrix.cols);
    return this.#onnx.node('MatMul', [x, this.#numbers([matrix.cols, matrix.rows], turned)]);
  }

  /** What onnxruntime's quantize_dynamic makes of a MatMul. */
  #integerProduct(matrix: Matrix, x: string): string {
    const onnx = this.#onnx;
    const turned = transpose(dequantize(matrix), matrix.rows, matrix.cols);
    let largest = 0;
    for (const value of turned) largest = Math.max(largest, Math.abs(value));
    const scale = largest / 127;
    const codes = Uint8Array.from(turned, (value) => Math.round(value / scale) + ZERO);
    const [data, step, zero] = this.#quantize(x) as [string, string, string];
    const weight = onnx.constant(uint8, [matrix.cols, matrix.rows], codes);
    const sums = onnx.node('MatMulInteger', [data, weight, zero, onnx.constant(uint8, [], Uint8Array.of(ZERO))]);
    const scales = onnx.node('Mul', [step, this.#scalar(scale)]);
    return onnx.node('Mul', [onnx.node('Cast', [sums], { to: float }), scales]);
  }

  #quantize(x: string): string[] {
    const known = this.#quantized.get(x);
    if (known) return known;
    const outputs = ['codes', 'scale', 'zero'].map((part) => `${x}.${part}`);
    this.#onnx.node('DynamicQuantizeLinear', [x], {}, outputs);
    this.#quantized.set(x, outputs);
    return outputs;
  }

  #nibbleProduct(matrix: Matrix, x: string): string {
    const onnx = this.#onnx;
    const packed = quantize({ kind: 'f32', rows: matrix.rows, cols: matrix.cols, data: dequantize(matrix) }, 4);
    const blocks = packed.scales.length / matrix.rows;
    const codes = onnx.constant(uint8, [matrix.rows, blocks, packed.block / 2], packed.data);
    const scales = this.#numbers([matrix.rows * blocks], fromHalves(packed.scales));
    const attributes = { K: matrix.cols, N: matrix.rows, bits: 4, block_size: packed.block };
    return onnx.contrib('MatMulNBits', [x, codes, scales], attributes);
  }
}

/** One ONNX file with its weights inside. */
export function hubOnnx(weights: Gpt2Weights, precision: HubPrecision): Uint8Array {
  return new HubFile(weights, precision).build();
}
