/** GPT-2 weights as every backend reads them, whatever file they came from. */

/** The shape of a GPT-2, from its `config.json`. */
export interface Gpt2Config {
  /** Number of transformer blocks (`n_layer`). */
  layers: number;
  heads: number;
  /** Model width (`n_embd`); a multiple of `heads`. */
  width: number;
  /** Width of the MLP (`n_inner`, 4 × width when null). */
  inner: number;
  vocab: number;
  /** Positions that exist (`n_positions`). */
  context: number;
  layerNormEpsilon: number;
  /** `tie_word_embeddings`, where the config says it: true = the head is `wte`, false = a head of its own. */
  tied?: boolean;
}

/**
 * A matrix of shape [rows, cols] = [out features, in features], row-major.
 * Quantized kinds are symmetric and block-wise along `cols`: value = (q - zero) × scale, with `block` values a scale,
 * zero = 8 (q4) or 128 (q8). q4 holds two values a byte, the even column in the low nibble; a row is padded to whole blocks.
 * This is exactly the layout that ONNX Runtime's MatMulNBits reads.
 */
export type Matrix = DenseMatrix | QuantizedMatrix;

export interface DenseMatrix {
  kind: 'f32';
  rows: number;
  cols: number;
  data: Float32Array;
}

export interface QuantizedMatrix {
  kind: 'q4' | 'q8';
  rows: number;
  cols: number;
  block: number;
  /** [rows, ceil(cols / block), block × bits / 8] bytes. */
  data: Uint8Array;
  /** IEEE half floats, [rows, ceil(cols / block)]. */
  scales: Uint16Array;
}

export interface Linear {
  weight: Matrix;
  /** [weight.rows] */
  bias: Float32Array;
}

export interface LayerNorm {
  weight: Float32Array;
  bias: Float32Array;
}

export interface Gpt2Layer {
  ln1: LayerNorm;
  /** Fused query, key, value: [3 × width, width]. */
  qkv: Linear;
  /** Attention output: [width, width]. */
  proj: Linear;
  ln2: LayerNorm;
  /** MLP up: [inner, width]. */
  up: Linear;
  /** MLP down: [width, inner]. */
  down: Linear;
}

export interface Gpt2Weights {
  config: Gpt2Config;
  /** Token embedding, [vocab, width]; also the head when `head` is absent. */
  wte: Matrix;
  /** Position embedding, [context, width]. */
  wpe: Float32Array;
  layers: Gpt2Layer[];
  lnF: LayerNorm;
  /** Untied head, [vocab, width]. */
  head?: Matrix;
}

/** Random access to the bytes of a file, local or remote. */
export interface ByteSource {
  /** Length in bytes. */
  size: number;
  /** Whether what `read` gives is the caller's alone; packing then hands its memory back at once. */
  fresh?: boolean;
  /** Exactly `length` bytes from `offset`. @throws VerseletError `network` or `integrity`. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
}
