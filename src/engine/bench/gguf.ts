/** A GGUF file (llama.cpp's format, version 3) of GPT-2 weights, to run the same model in wllama. Only the bench uses it. */

import { toHalf } from '../../convert/half.ts';
import { dequantize } from '../../convert/quantize.ts';
import type { Gpt2Weights, LayerNorm, Linear, Matrix } from '../../convert/types.ts';

/** GGML's numbers for the tensor types written here. */
const TENSOR_TYPES = { F32: 0, Q8_0: 8 } as const;
const VALUE_TYPES = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const ALIGNMENT = 32;
const Q8_BLOCK = 32;

export type GgufType = keyof typeof TENSOR_TYPES;

interface GgufTensor {
  name: string;
  /** Innermost dimension first. */
  dims: number[];
  type: GgufType;
  data: Uint8Array;
}

type GgufValue = { uint32: number } | { float32: number } | { string: string } | { strings: string[] } | { int32s: number[] };

/** Bytes, little-endian, appended one value after the other. */
class ByteWriter {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  bytes(part: Uint8Array): void {
    this.#parts.push(part);
    this.length += part.length;
  }

  uint32(value: number): void {
    this.bytes(new Uint8Array(Uint32Array.of(value).buffer));
  }

  uint64(value: number): void {
    this.bytes(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
  }

  float32(value: number): void {
    this.bytes(new Uint8Array(Float32Array.of(value).buffer));
  }

  string(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.uint64(bytes.length);
    this.bytes(bytes);
  }

  align(): void {
    const rest = this.length % ALIGNMENT;
    if (rest) this.bytes(new Uint8Array(ALIGNMENT - rest));
  }

  blob(): Blob {
    return new Blob(this.#parts as BlobPart[]);
  }
}

/** Rows of `cols` floats as Q8_0: blocks of a half-float scale and 32 signed bytes. */
function quantizeQ8(values: Float32Array): Uint8Array {
  const blocks = values.length / Q8_BLOCK;
  const out = new Uint8Array(blocks * (2 + Q8_BLOCK));
  const view = new DataView(out.buffer);
  for (let block = 0; block < blocks; block++) {
    const start = block * Q8_BLOCK;
    let top = 0;
    for (let i = 0; i < Q8_BLOCK; i++) top = Math.max(top, Math.abs(values[start + i]!));
    const at = block * (2 + Q8_BLOCK);
    view.setUint16(at, toHalf(top / 127), true);
    const inverse = top > 0 ? 127 / top : 0;
    for (let i = 0; i < Q8_BLOCK; i++) view.setInt8(at + 2 + i, Math.round(values[start + i]! * inverse));
  }
  return out;
}

function asBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function matrixTensor(name: string, matrix: Matrix, type: GgufType): GgufTensor {
  const values = dequantize(matrix);
  const data = type === 'Q8_0' ? quantizeQ8(values) : asBytes(values);
  return { name, dims: [matrix.cols, matrix.rows], type, data };
}

function vectorTensor(name: string, values: Float32Array): GgufTensor {
  return { name, dims: [values.length], type: 'F32', data: asBytes(values) };
}

function tensorsOf(weights: Gpt2Weights, type: GgufType): GgufTensor[] {
  const { width, context } = weights.config;
  const norm = (name: string, { weight, bias }: LayerNorm): GgufTensor[] => [
    vectorTensor(`${name}.weight`, weight),
    vectorTensor(`${name}.bias`, bias),
  ];
  const linear = (name: string, { weight, bias }: Linear): GgufTensor[] => [
    matrixTensor(`${name}.weight`, weight, type),
    vectorTensor(`${name}.bias`, bias),
  ];
  const layers = weights.layers.flatMap((layer, index) => [
    ...norm(`blk.${index}.attn_norm`, layer.ln1),
    ...linear(`blk.${index}.attn_qkv`, layer.qkv),
    ...linear(`blk.${index}.attn_output`, layer.proj),
    ...norm(`blk.${index}.ffn_norm`, layer.ln2),
    ...linear(`blk.${index}.ffn_up`, layer.up),
    ...linear(`blk.${index}.ffn_down`, layer.down),
  ]);
  return [
    matrixTensor('token_embd.weight', weights.wte, type),
    { name: 'position_embd.weight', dims: [width, context], type: 'F32', data: asBytes(weights.wpe) },
    ...norm('output_norm', weights.lnF),
    matrixTensor('output.weight', weights.head ?? weights.wte, type),
    ...layers,
  ];
}

/** Characters that byte-level BPE gives to the 256 bytes, then made-up tokens: the bench counts tokens and reads none. */
function madeUpTokens(vocab: number): string[] {
  const printable = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
  return Array.from({ length: vocab }, (_, id) => bytes[id] ?? `<${id}>`);
}

function metadataOf({ config }: Gpt2Weights): [string, GgufValue][] {
  const tokens = madeUpTokens(config.vocab);
  return [
    ['general.architecture', { string: 'gpt2' }],
    ['general.name', { string: 'bench' }],
    ['gpt2.block_count', { uint32: config.layers }],
    ['gpt2.context_length', { uint32: config.context }],
    ['gpt2.embedding_length', { uint32: config.width }],
    ['gpt2.feed_forward_length', { uint32: config.inner }],
    ['gpt2.attention.head_count', { uint32: config.heads }],
    ['gpt2.attention.layer_norm_epsilon', { float32: config.layerNormEpsilon }],
    ['tokenizer.ggml.model', { string: 'gpt2' }],
    ['tokenizer.ggml.pre', { string: 'gpt-2' }],
    ['tokenizer.ggml.tokens', { strings: tokens }],
    ['tokenizer.ggml.token_type', { int32s: tokens.map(() => 1) }],
    ['tokenizer.ggml.merges', { strings: ['< >'] }],
    ['tokenizer.ggml.bos_token_id', { uint32: config.vocab - 1 }],
    ['tokenizer.ggml.eos_token_id', { uint32: config.vocab - 1 }],
  ];
}

function writeValue(out: ByteWriter, value: GgufValue): void {
  if ('uint32' in value) {
    out.uint32(VALUE_TYPES.uint32);
    out.uint32(value.uint32);
  } else if ('float32' in value) {
    out.uint32(VALUE_TYPES.float32);
    out.float32(value.float32);
  } else if ('string' in value) {
    out.uint32(VALUE_TYPES.string);
    out.string(value.string);
  } else if ('strings' in value) {
    out.uint32(VALUE_TYPES.array);
    out.uint32(VALUE_TYPES.string);
    out.uint64(value.strings.length);
    for (const item of value.strings) out.string(item);
  } else {
    out.uint32(VALUE_TYPES.array);
    out.uint32(VALUE_TYPES.int32);
    out.uint64(value.int32s.length);
    out.bytes(new Uint8Array(Int32Array.from(value.int32s).buffer));
  }
}

/**
 * `weights` as a GGUF file for llama.cpp's `gpt2` architecture. Its tokenizer is made up: ids are right, spellings not.
 * @param type of the matrices; Q8_0 needs columns in multiples of 32.
 */
export function ggufOf(weights: Gpt2Weights, type: GgufType): Blob {
  const out = new ByteWriter();
  const tensors = tensorsOf(weights, type);
  const metadata = metadataOf(weights);
  out.bytes(new TextEncoder().encode('GGUF'));
  out.uint32(3);
  out.uint64(tensors.length);
  out.uint64(metadata.length);
  for (const [key, value] of metadata) {
    out.string(key);
    writeValue(out, value);
  }
  let offset = 0;
  for (const { name, dims, type, data } of tensors) {
    out.string(name);
    out.uint32(dims.length);
    for (const dim of dims) out.uint64(dim);
    out.uint32(TENSOR_TYPES[type]);
    out.uint64(offset);
    offset += Math.ceil(data.length / ALIGNMENT) * ALIGNMENT;
  }
  for (const { data } of tensors) {
    out.align();
    out.bytes(data);
  }
  return out.blob();
}
