/** Writes a GPT-2 as GGUF (github.com/ggml-org/ggml, docs/gguf.md), the format that wllama reads. */
import { asBytes } from '../../../src/convert/bytes.ts';
import { toHalf } from '../../../src/convert/half.ts';
import { dequantize } from '../../../src/convert/quantize.ts';
import type { Gpt2Weights, LayerNorm, Linear } from '../../../src/convert/types.ts';

export type GgufPrecision = 'F32' | 'Q8_0';

/** A vocabulary as llama.cpp's `gpt2` tokenizer reads it. */
export interface GgufVocabulary {
  tokens: string[];
  /** Pairs of pieces with a blank between them. */
  merges: string[];
  /** Ids that are no text. */
  control: ReadonlySet<number>;
  endOfText: number;
}

const MAGIC = 0x46554747;
const VERSION = 3;
const ALIGNMENT = 32;
const BLOCK = 32;
/** Numbers of ggml_type and of the metadata's value types. */
const TENSOR_TYPE = { F32: 0, Q8_0: 8 } as const;
const VALUE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
/** llama.cpp's token types. */
const NORMAL = 1;
const CONTROL = 3;

class Writer {
  readonly parts: Uint8Array[] = [];
  length = 0;

  raw(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.length += bytes.length;
    return this;
  }

  uint32(value: number): this {
    return this.raw(asBytes(Uint32Array.of(value)));
  }

  uint64(value: number): this {
    return this.raw(asBytes(BigUint64Array.of(BigInt(value))));
  }

  string(value: string): this {
    const bytes = new TextEncoder().encode(value);
    return this.uint64(bytes.length).raw(bytes);
  }

  pad(): this {
    return this.raw(new Uint8Array((ALIGNMENT - (this.length % ALIGNMENT)) % ALIGNMENT));
  }

  key(name: string, type: keyof typeof VALUE): this {
    return this.string(name).uint32(VALUE[type]);
  }

  bytes(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

interface Tensor {
  name: string;
  shape: number[];
  values: Float32Array;
  type: GgufPrecision;
}

function tensorsOf({ config, wte, wpe, layers, lnF, head }: Gpt2Weights, type: GgufPrecision): Tensor[] {
  const { width, vocab, context } = config;
  const vector = (name: string, values: Float32Array): Tensor => ({ name, shape: [values.length], values, type: 'F32' });
  const norm = (name: string, { weight, bias }: LayerNorm): Tensor[] => [vector(`${name}.weight`, weight), vector(`${name}.bias`, bias)];
  const linear = (name: string, { weight, bias }: Linear): Tensor[] => [
    { name: `${name}.weight`, shape: [weight.cols, weight.rows], values: dequantize(weight), type },
    vector(`${name}.bias`, bias),
  ];
  return [
    { name: 'token_embd.weight', shape: [width, vocab], values: dequantize(wte), type },
    { name: 'output.weight', shape: [width, vocab], values: dequantize(head ?? wte), type },
    { name: 'position_embd.weight', shape: [width, context], values: wpe, type: 'F32' },
    ...norm('output_norm', lnF),
    ...layers.flatMap((layer, i) => [
      ...norm(`blk.${i}.attn_norm`, layer.ln1),
      ...linear(`blk.${i}.attn_qkv`, layer.qkv),
      ...linear(`blk.${i}.attn_output`, layer.proj),
      ...norm(`blk.${i}.ffn_norm`, layer.ln2),
      ...linear(`blk.${i}.ffn_up`, layer.up),
      ...linear(`blk.${i}.ffn_down`, layer.down),
    ]),
  ];
}

/** Q8_0: blocks of 32 values, a half-precision scale and 32 signed bytes. */
function q8(values: Float32Array): Uint8Array {
  const blocks = values.length / BLOCK;
  const out = new Uint8Array(blocks * (2 + BLOCK));
  const view = new DataView(out.buffer);
  for (let b = 0; b < blocks; b++) {
    let largest = 0;
    for (let i = 0; i < BLOCK; i++) largest = Math.max(largest, Math.abs(values[b * BLOCK + i]!));
    const scale = largest / 127;
    const inverse = scale > 0 ? 1 / scale : 0;
    view.setUint16(b * (2 + BLOCK), toHalf(scale), true);
    for (let i = 0; i < BLOCK; i++) view.setInt8(b * (2 + BLOCK) + 2 + i, Math.round(values[b * BLOCK + i]! * inverse));
  }
  return out;
}

function metadata(writer: Writer, { config }: Gpt2Weights, vocabulary: GgufVocabulary, type: GgufPrecision): number {
  const numbers: [string, number][] = [
    ['gpt2.context_length', config.context],
    ['gpt2.embedding_length', config.width],
    ['gpt2.feed_forward_length', config.inner],
    ['gpt2.block_count', config.layers],
    ['gpt2.attention.head_count', config.heads],
    ['general.file_type', type === 'F32' ? 0 : 7],
    ['tokenizer.ggml.bos_token_id', vocabulary.endOfText],
    ['tokenizer.ggml.eos_token_id', vocabulary.endOfText],
  ];
  const texts: [string, string][] = [
    ['general.architecture', 'gpt2'],
    ['general.name', 'bench'],
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'gpt-2'],
  ];
  for (const [name, value] of numbers) writer.key(name, 'uint32').uint32(value);
  for (const [name, value] of texts) writer.key(name, 'string').string(value);
  writer.key('gpt2.attention.layer_norm_epsilon', 'float32').raw(asBytes(Float32Array.of(config.layerNormEpsilon)));
  writer.key('tokenizer.ggml.add_bos_token', 'bool').raw(Uint8Array.of(0));
  for (const [name, list] of [['tokens', vocabulary.tokens], ['merges', vocabulary.merges]] as const) {
    writer.key(`tokenizer.ggml.${name}`, 'array').uint32(VALUE.string).uint64(list.length);
    for (const text of list) writer.string(text);
  }
  writer.key('tokenizer.ggml.token_type', 'array').uint32(VALUE.int32).uint64(vocabulary.tokens.length);
  writer.raw(asBytes(Int32Array.from(vocabulary.tokens, (_, id) => (vocabulary.control.has(id) ? CONTROL : NORMAL))));
  return numbers.length + texts.length + 2 + 3;
}

/** The whole file. Rows of quantized matrices must be multiples of 32 long. */
export function gguf(weights: Gpt2Weights, vocabulary: GgufVocabulary, type: GgufPrecision): Uint8Array {
  const tensors = tensorsOf(weights, type);
  const keys = new Writer();
  const count = metadata(keys, weights, vocabulary, type);
  const head = new Writer().uint32(MAGIC).uint32(VERSION).uint64(tensors.length).uint64(count).raw(keys.bytes());
  const data = new Writer();
  for (const { name, shape, values, type } of tensors) {
    head.string(name).uint32(shape.length);
    for (const size of shape) head.uint64(size);
    head.uint32(TENSOR_TYPE[type]).uint64(data.length);
    data.raw(type === 'F32' ? asBytes(values) : q8(values)).pad();
  }
  return new Writer().raw(head.pad().bytes()).raw(data.bytes()).bytes();
}
