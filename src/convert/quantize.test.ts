import { expect, test } from 'vitest';
import { assert, float, property } from 'fast-check';
import { fromHalf, fromHalves, toHalf } from './half.ts';
import { dequantize, dequantizeRow, emptyMatrix, quantize, quantizeRows, quantizeTransposed } from './quantize.ts';
import type { DenseMatrix } from './types.ts';

/** Deterministic normal-like numbers. */
function noise(count: number, seed = 1): Float32Array {
  let state = seed;
  const next = () => ((state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32);
  return Float32Array.from({ length: count }, () => next() + next() + next() + next() - 2);
}

function relativeError(a: Float32Array, b: Float32Array): number {
  let error = 0;
  let size = 0;
  a.forEach((value, i) => {
    error += (value - b[i]!) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(error / size);
}

const dense = (rows: number, cols: number, seed?: number): DenseMatrix => ({ kind: 'f32', rows, cols, data: noise(rows * cols, seed) });

test('every half float survives the way to a number and back', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = fromHalf(bits);
    if (!Number.isNaN(value)) if (toHalf(value) !== bits) expect.fail(`${bits}`);
  }
});

test('half floats are the same numbers one by one and all at once', () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  expect(fromHalves(bits)).toEqual(Float32Array.from(bits, fromHalf));
});

test('numbers become the nearest half float', () => {
  assert(
    property(float({ min: -65000, max: 65000, noNaN: true }), (value) => {
      const bits = toHalf(value);
      const error = Math.abs(fromHalf(bits) - value);
      const other = (step: number) => Math.abs(fromHalf(bits + step) - value);
      expect(error).toBeLessThanOrEqual(other(1));
      if ((bits & 0x7fff) !== 0) expect(error).toBeLessThanOrEqual(other(-1));
    }),
  );
});

test.each([
  [4, 32, 0.085],
  [8, 32, 0.006],
  [4, 64, 0.1],
] as const)('%i bits with %i values a scale lose less than %f', (bits, block, limit) => {
  const matrix = dense(64, 256);
  const back = dequantize(quantize(matrix, bits, block));
  expect(relativeError(matrix.data, back)).toBeLessThan(limit);
});

test('whole codes are kept exactly, also in a row that ends within a block', () => {
  const data = Float32Array.from({ length: 3 * 48 }, (_, i) => ((i * 7) % 16) - 8);
  const back = dequantize(quantize({ kind: 'f32', rows: 3, cols: 48, data }, 4));
  expect([...back]).toEqual([...data]);
});

test('zeros stay zeros', () => {
  for (const bits of [4, 8] as const) {
    const back = dequantize(quantize({ kind: 'f32', rows: 2, cols: 48, data: new Float32Array(96) }, bits));
    expect(back.every((value) => value === 0)).toBe(true);
  }
});

test('a transposed matrix in strips gives the same as the matrix itself', () => {
  const [rows, cols] = [24, 80];
  const matrix = dense(rows, cols, 5);
  const turned = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) turned[c * rows + r] = matrix.data[r * cols + c]!;
  const into = emptyMatrix(rows, cols, 4);
  for (const [from, to] of [[0, 32], [32, 80]] as const) quantizeTransposed(turned.subarray(from * rows, to * rows), into, from);
  expect(into).toEqual(quantize(matrix, 4));
});

test('rows in strips and one row alone give the same as all', () => {
  const matrix = dense(10, 50, 9);
  const into = emptyMatrix(10, 50, 8);
  quantizeRows(matrix.data.subarray(0, 4 * 50), into, 0);
  quantizeRows(matrix.data.subarray(4 * 50), into, 4);
  expect(into).toEqual(quantize(matrix, 8));
  const row = new Float32Array(60);
  dequantizeRow(into, 7, row, 5);
  expect([...row.subarray(5, 55)]).toEqual([...dequantize(into).subarray(350, 400)]);
});
