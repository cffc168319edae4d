/** Rows of a matrix of any kind as floats. */

import type { Matrix } from '../../convert/types.ts';

/** Value of the half float whose bits are the index. */
let halves: Float32Array | undefined;

function halfTable(): Float32Array {
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    let value = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    if (exponent === 31) value = fraction ? NaN : Infinity;
    table[bits] = bits & 0x8000 ? -value : value;
  }
  return table;
}

/** Value of an IEEE half float given by its 16 bits. */
export function halfValue(bits: number): number {
  halves ??= halfTable();
  return halves[bits]!;
}

/** Writes row `row` of `matrix` into `line`, of length `matrix.cols`. */
export function unpackRow(matrix: Matrix, row: number, line: Float32Array): void {
  const { cols } = matrix;
  if (matrix.kind === 'f32') {
    line.set(matrix.data.subarray(row * cols, (row + 1) * cols));
    return;
  }
  const { block, data, scales } = matrix;
  const blocks = Math.ceil(cols / block);
  for (let index = 0; index < blocks; index++) {
    const scale = halfValue(scales[row * blocks + index]!);
    const start = index * block;
    const end = Math.min(cols, start + block);
    const base = row * blocks * block;
    for (let col = start; col < end; col++) {
      const at = base + col;
      const byte = matrix.kind === 'q8' ? data[at]! - 128 : ((data[at >> 1]! >> ((at & 1) << 2)) & 15) - 8;
      line[col] = byte * scale;
    }
  }
}
