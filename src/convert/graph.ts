/**
 * The ONNX graph of a GPT-2 for ONNX Runtime, on WASM and on WebGPU.
 *
 * Inputs: `inputs_embeds` f32 [B, S, width], token plus position embeddings (see `embedTokens`); `num_logits` int64 [1],
 * how many of the last positions get logits; `past.N.key` and `past.N.value` [B, heads, P, width / heads], f16 with
 * `q4f16`, else f32; P may be 0. Outputs: `logits` f32 [B, num_logits, vocab]; `present.N.key` and `present.N.value`.
 */
import type { Gpt2Layer, Gpt2Weights, LayerNorm, Linear, Matrix } from './types.ts';
import { fromHalves, toHalves } from './half.ts';
import { ElementType, OnnxBuilder } from './onnx.ts';
import { dequantize, rowsOf } from './quantize.ts';
import { transpose } from './transpose.ts';

export type Precision = 'f32' | 'q4f32' | 'q4f16';

export interface GraphOptions {
  precision: Precision;
}

export interface Graph {
  model: Uint8Array;
  /** Hand it to the runtime as external data named `EXTERNAL_DATA`. */
  data: Uint8Array;
}

/** Bytes at most of one dense tensor: WebGPU guarantees bindings of 128 MiB. */
const MAX_TENSOR_BYTES = 96 * 2 ** 20;
const TO_THE_END = 2 ** 31 - 1;

/** Builds the graph; quantized matrices stay quantized unless the precision is `f32`. */
export function buildGraph(weights: Gpt2Weights, options: GraphOptions): Graph {
  return new GraphMaker(weights, options).build();
}

/** The residual sum between blocks, and its layer norm. */
interface Stream {
  sum: string;
  normed: string;
}

class GraphMaker {
  private readonly onnx = new OnnxBuilder();
  private readonly weights: Gpt2Weights;
  private readonly options: GraphOptions;
  private readonly half: boolean;
  private readonly type: ElementType;
  private mask = '';

  constructor(weights: Gpt2Weights, options: GraphOptions) {
    this.weights = weights;
    this.options = options;
    this.half = options.precision === 'q4f16';
    this.type = this.half ? ElementType.float16 : ElementType.float;
  }

  build(): Graph {
    const { onnx, half, weights } = this;
    const { width, vocab } = weights.config;
    const embeds = onnx.input('inputs_embeds', ElementType.float, ['batch', 'steps', width]);
    const numLogits = onnx.input('num_logits', ElementType.int64, [1]);
    this.declareCaches();
    this.mask = this.causalMask(embeds);
    const first = half ? onnx.node('Cast', [embeds], { to: ElementType.float16 }) : embeds;
    let stream: Stream = { sum: first, normed: this.norm(weights.layers[0]!.ln1, first, 'h.0.ln_1') };
    weights.layers.forEach((layer, i) => {
      stream = this.block(layer, i, stream);
    });
    const last = onnx.node('Slice', [stream.normed, onnx.node('Neg', [numLogits]), onnx.int64([TO_THE_END]), onnx.int64([1])]);
    const logits = this.head(last);
    onnx.node(half ? 'Cast' : 'Identity', [logits], half ? { to: ElementType.float } : {}, ['logits']);
    onnx.output('logits', ElementType.float, ['batch', 'num_logits', vocab]);
    return onnx.finish();
  }

  private declareCaches(): void {
    const { heads, width, layers } = this.weights.config;
    for (let i = 0; i < layers; i++) {
      for (const part of ['key', 'value']) {
        this.onnx.input(`past.${i}.${part}`, this.type, ['batch', heads, 'past', width / heads]);
        this.onnx.output(`present.${i}.${part}`, this.type, ['batch', heads, 'total', width / heads]);
      }
    }
  }

  /** [1, 1, S, T]: 0 where the key comes no later than the query, else a number that Softmax makes 0. */
  private causalMask(embeds: string): string {
    const { onnx } = this;
    const size = (name: string, axis: number) => {
      const shape = onnx.node('Shape', [name], { start: axis, end: axis + 1 });
      return onnx.node('Squeeze', [shape, onnx.int64([0])]);
    };
    const past = size('past.0.key', 2);
    const total = onnx.node('Add', [past, size(embeds, 1)]);
    const keys = onnx.node('Range', [onnx.int64(0), total, onnx.int64(1)]);
    const queries = onnx.node('Unsqueeze', [onnx.node('Range', [past, total, onnx.int64(1)]), onnx.int64([1])]);
    const seen = onnx.node('LessOrEqual', [keys, queries]);
    const mask = onnx.node('Where', [seen, this.scalar(0), this.scalar(this.half ? -6e4 : -1e9)]);
    return onnx.node('Unsqueeze', [mask, onnx.int64([0, 1])]);
  }

  /** Biases go into the operators that follow: one kernel launch less for each. */
  private block(layer: Gpt2Layer, i: number, { sum, normed }: Stream): Stream {
    const { onnx } = this;
    const name = `h.${i}`;
    const next = this.weights.layers[i + 1];
    const attended = this.product(layer.proj.weight, this.attention(layer, i, normed), `${name}.attn.c_proj`);
    const middle = this.addAndNorm(sum, attended, layer.proj, `${name}.attn.c_proj`, layer.ln2, `${name}.ln_2`);
    const up = this.product(layer.up.weight, middle.normed, `${name}.mlp.c_fc`);
    const active = onnx.contrib('FastGelu', [up, this.values(`${name}.mlp.c_fc.bias`, layer.up.bias)]);
    const down = this.product(layer.down.weight, active, `${name}.mlp.c_proj`);
    const following = next === undefined ? 'ln_f' : `h.${i + 1}.ln_1`;
    return this.addAndNorm(middle.sum, down, layer.down, `${name}.mlp.c_proj`, next?.ln1 ?? this.weights.lnF, following);
  }

  private attention(layer: Gpt2Layer, i: number, x: string): string {
    const { onnx } = this;
    const { width, heads } = this.weights.config;
    const name = `h.${i}.attn.c_attn`;
    const parts = ['query', 'key', 'value'].map((part) => `${part}.${i}`);
    onnx.node('Split', [this.product(layer.qkv.weight, x, name), onnx.int64([width, width, width])], { axis: -1 }, parts);
    const inputs = [...parts, this.values(`${name}.bias`, layer.qkv.bias), '', this.mask, `past.${i}.key`, `past.${i}.value`];
    const outputs = [`attended.${i}`, `present.${i}.key`, `present.${i}.value`];
    return onnx.contrib('MultiHeadAttention', inputs, { num_heads: heads }, outputs);
  }

  private addAndNorm(x: string, y: string, { bias }: Linear, biasName: string, norm: LayerNorm, name: string): Stream {
    const inputs = [x, y, ...this.normValues(norm, name), this.values(`${biasName}.bias`, bias)];
    const outputs = [`${name}.normed`, '', '', `${name}.sum`];
    const epsilon = { float: this.weights.config.layerNormEpsilon };
    this.onnx.contrib('SkipLayerNormalization', inputs, { epsilon }, outputs);
    return { normed: outputs[0]!, sum: outputs[3]! };
  }

  private head(x: string): string {
    const { onnx } = this;
    const table = this.weights.head ?? this.weights.wte;
    if (this.quantized(table)) return this.product(table, x, 'head');
    const { rows, cols } = table;
    const most = Math.floor(MAX_TENSOR_BYTES / (cols * (this.half ? 2 : 4)));
    const parts: string[] = [];
    for (let from = 0; from < rows; from += most) {
      parts.push(this.product(rowsOf(table, from, Math.min(most, rows - from)), x, `head.${from}`));
    }
    return parts.length === 1 ? parts[0]! : onnx.node('Concat', parts, { axis: -1 });
  }

  private norm(norm: LayerNorm, x: string, name: string): string {
    const epsilon = { float: this.weights.config.layerNormEpsilon };
    return this.onnx.node('LayerNormalization', [x, ...this.normValues(norm, name)], { axis: -1, epsilon });
  }

  private normValues({ weight, bias }: LayerNorm, name: string): string[] {
    return [this.values(`${name}.weight`, weight), this.values(`${name}.bias`, bias)];
  }

  /** x · Wᵀ. */
  private product(matrix: Matrix, x: string, name: string): string {
    const { onnx } = this;
    const { rows, cols } = matrix;
    if (!this.quantized(matrix)) {
      const turned = () => this.numbers(transpose(dequantize(matrix), rows, cols));
      return onnx.node('MatMul', [x, onnx.tensor(`${name}.weight`, this.type, [cols, rows], turned)]);
    }
    const blocks = matrix.scales.length / rows;
    const bits = matrix.kind === 'q4' ? 4 : 8;
    const codes = onnx.tensor(`${name}.codes`, ElementType.uint8, [rows, blocks, (matrix.block * bits) / 8], () => matrix.data);
    const scales = onnx.tensor(`${name}.scales`, this.type, [rows * blocks], () => (this.half ? matrix.scales : fromHalves(matrix.scales)));
    const attributes = { K: cols, N: rows, bits, block_size: matrix.block };
    return onnx.contrib('MatMulNBits', [x, codes, scales], attributes);
  }

  /** Whether the graph computes with the codes of `matrix`; rows that end within a block are expanded. */
  private quantized(matrix: Matrix): matrix is Exclude<Matrix, { kind: 'f32' }> {
    return matrix.kind !== 'f32' && this.options.precision !== 'f32' && matrix.cols % matrix.block === 0;
  }

  private values(name: string, values: Float32Array): string {
    return this.onnx.tensor(name, this.type, [values.length], () => this.numbers(values));
  }

  private scalar(value: number): string {
    return this.onnx.constant(this.type, [], this.numbers(Float32Array.of(value)));
  }

  /** In the precision in which the graph computes. */
  private numbers(values: Float32Array): ArrayBufferView {
    return this.half ? toHalves(values) : values;
  }
}
