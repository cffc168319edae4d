/** Block-wise symmetric quantization, in the layout that ONNX Runtime's MatMulNBits reads. */
import type { DenseMatrix, Matrix, QuantizedMatrix } from './types.ts';
import { fromHalf, halfTable, toHalf } from './half.ts';

export type Bits = 4 | 8;

/** Values a scale: 32 costs half a bit a weight for the scales and loses least (measured, see the README). */
export const BLOCK = 32;

/**
 * Steps tried for a block of 4 bits, as multiples of the largest magnitude's inverse. Negative ones send the largest
 * value to -8, the positive to +7; around them the ends are clipped for a finer step, or the other way round.
 */
const INVERSE_STEPS = [-8, -7.45, -8.6, -6.9, 7.2];

/** An empty matrix to quantize into, row block by row block. */
export function emptyMatrix(rows: number, cols: number, bits: Bits, block = BLOCK): QuantizedMatrix {
  const blocks = Math.ceil(cols / block);
  return {
    kind: bits === 4 ? 'q4' : 'q8',
    rows,
    cols,
    block,
    data: new Uint8Array((rows * blocks * block * bits) / 8),
    scales: new Uint16Array(rows * blocks),
  };
}

/**
 * Quantizes whole rows of a row-major matrix.
 * @param values rows [from, from + values.length / cols) of the matrix, [rows, cols].
 */
export function quantizeRows(values: Float32Array, into: QuantizedMatrix, from = 0): void {
  const { cols, block } = into;
  const blocks = Math.ceil(cols / block);
  const count = values.length / cols;
  const buffer = new Float32Array(block);
  for (let row = 0; row < count; row++) {
    for (let b = 0; b < blocks; b++) {
      const begin = row * cols + b * block;
      const length = Math.min(block, cols - b * block);
      if (length < block) buffer.fill(0);
      for (let i = 0; i < length; i++) buffer[i] = values[begin + i]!;
      quantizeBlock(buffer, 0, into, (from + row) * blocks + b);
    }
  }
}

/**
 * Quantizes columns of a matrix given transposed, as GPT-2's Conv1D layers are stored ([in, out]).
 * @param values columns [from, from + values.length / rows) of the matrix, i.e. [cols, rows] row-major; `from` is a multiple of the block.
 */
export function quantizeTransposed(values: Float32Array, into: QuantizedMatrix, from = 0): void {
  const { rows, cols, block } = into;
  const blocks = Math.ceil(cols / block);
  const count = values.length / rows;
  const tile = new Float32Array(rows * block);
  for (let start = 0; start < count; start += block) {
    const length = Math.min(block, count - start);
    if (length < block) tile.fill(0);
    for (let i = 0; i < length; i++) {
      const line = (start + i) * rows;
      for (let row = 0; row < rows; row++) tile[row * block + i] = values[line + row]!;
    }
    const b = (from + start) / block;
    for (let row = 0; row < rows; row++) quantizeBlock(tile, row * block, into, row * blocks + b);
  }
}

/** Quantizes a dense matrix. */
export function quantize(matrix: DenseMatrix, bits: Bits, block = BLOCK): QuantizedMatrix {
  const quantized = emptyMatrix(matrix.rows, matrix.cols, bits, block);
  quantizeRows(matrix.data, quantized);
  return quantized;
}

/** The matrix as numbers, [rows, cols]; a dense one is handed back as it is. */
export function dequantize(matrix: Matrix): Float32Array {
  if (matrix.kind === 'f32') return matrix.data;
  const out = new Float32Array(matrix.rows * matrix.cols);
  for (let row = 0; row < matrix.rows; row++) dequantizeRow(matrix, row, out, row * matrix.cols);
  return out;
}

/** Rows [from, from + count) of a matrix, as views of its data. */
export function rowsOf(matrix: Matrix, from: number, count: number): Matrix {
  const { rows, cols } = matrix;
  if (matrix.kind === 'f32') return { ...matrix, rows: count, data: matrix.data.subarray(from * cols, (from + count) * cols) };
  const [codes, scales] = [matrix.data.length / rows, matrix.scales.length / rows];
  return {
    ...matrix,
    rows: count,
    data: matrix.data.subarray(from * codes, (from + count) * codes),
    scales: matrix.scales.subarray(from * scales, (from + count) * scales),
  };
}

/** One row of a matrix as numbers, written to `out` from `offset` on ([cols]). */
export function dequantizeRow(matrix: Matrix, row: number, out: Float32Array, offset: number): void {
  const { cols, data } = matrix;
  if (matrix.kind === 'f32') {
    out.set(matrix.data.subarray(row * cols, (row + 1) * cols), offset);
    return;
  }
  const { block, scales } = matrix;
  const half = halfTable();
  const blocks = Math.ceil(cols / block);
  for (let b = 0; b < blocks; b++) {
    const index = row * blocks + b;
    const scale = half[scales[index]!]!;
    const begin = offset + b * block;
    const length = Math.min(block, cols - b * block);
    if (matrix.kind === 'q8') {
      for (let i = 0; i < length; i++) out[begin + i] = (data[index * block + i]! - 128) * scale;
    } else {
      const place = (index * block) >> 1;
      for (let i = 0; i < length; i++) {
        out[begin + i] = (((data[place + (i >> 1)]! >> ((i & 1) << 2)) & 15) - 8) * scale;
      }
    }
  }
}

/** Writes block number `index` (over all rows) from `values[offset..]`. */
function quantizeBlock(values: Float32Array, offset: number, into: QuantizedMatrix, index: number): void {
  const { block } = into;
  let largest = 0;
  for (let i = offset; i < offset + block; i++) {
    if (Math.abs(values[i]!) > Math.abs(largest)) largest = values[i]!;
  }
  const four = into.kind === 'q4';
  const scale = four ? bestScale(values, offset, block, largest) : largest / -128;
  // The scale is rounded first, so that the codes are the nearest for the scale that will be read.
  const bits = toHalf(scale);
  into.scales[index] = bits;
  const rounded = fromHalf(bits);
  const inverse = rounded === 0 ? 0 : 1 / rounded;
  if (four) writeNibbles(values, offset, block, inverse, into.data, (index * block) >> 1);
  else writeBytes(values, offset, block, inverse, into.data, index * block);
}

/**
 * The 4-bit scale with the least squared error among a few: for given codes q the best scale is Σxq / Σq², and the
 * error it leaves is Σx² - (Σxq)² / Σq².
 */
function bestScale(values: Float32Array, offset: number, block: number, largest: number): number {
  if (largest === 0) return 0;
  let best = 0;
  let gain = -1;
  for (const steps of INVERSE_STEPS) {
    const inverse = steps / largest;
    let products = 0;
    let squares = 0;
    for (let i = offset; i < offset + block; i++) {
      const value = values[i]!;
      // Adding 8.5 before truncation rounds to the nearest code; negative sums truncate to code 0.
      let code = (value * inverse + 8.5) | 0;
      if (code > 15) code = 15;
      else if (code < 0) code = 0;
      const q = code - 8;
      products += value * q;
      squares += q * q;
    }
    if (squares > 0 && products * products > gain * squares) {
      gain = (products * products) / squares;
      best = products / squares;
    }
  }
  return best;
}

function writeNibbles(x: Float32Array, offset: number, block: number, inverse: number, out: Uint8Array, at: number): void {
  for (let i = 0; i < block; i += 2) {
    let low = (x[offset + i]! * inverse + 8.5) | 0;
    let high = (x[offset + i + 1]! * inverse + 8.5) | 0;
    if (low > 15) low = 15;
    else if (low < 0) low = 0;
    if (high > 15) high = 15;
    else if (high < 0) high = 0;
    out[at + (i >> 1)] = low | (high << 4);
  }
}

function writeBytes(x: Float32Array, offset: number, block: number, inverse: number, out: Uint8Array, at: number): void {
  for (let i = 0; i < block; i++) {
    const code = (x[offset + i]! * inverse + 128.5) | 0;
    out[at + i] = code > 255 ? 255 : code < 0 ? 0 : code;
  }
}
