/** Weight matrices in the layouts that the kernels read. */

import { fromHalf } from '../../convert/half.ts';
import { dequantizeRow } from '../../convert/quantize.ts';
import type { Matrix, QuantizedMatrix } from '../../convert/types.ts';
import type { Arena } from './arena.ts';

/** How a matrix computes: in f32, or in exact integers from 4-bit or 8-bit weights. */
export type MatrixKind = 'f32' | 'q4' | 'q8';

/** A matrix in the kernels' memory. */
export interface PackedMatrix {
  kind: MatrixKind;
  address: number;
  /** Output features. */
  outs: number;
  cols: number;
  panels: number;
}

/** Output features in a panel; `assembly/` has the same numbers. */
const DENSE_PANEL = 16;
const PANEL = 8;
/** Columns in a block of the integer kernels. */
const BLOCK = 32;
/** Bytes of a block of a panel, and where its values begin in it. */
const BLOCK_LAYOUT = { q4: { bytes: 160, values: 32 }, q8: { bytes: 304, values: 48 } } as const;

/**
 * Puts `matrix` into memory.
 * @param expand f32 panels whatever the kind: slower, and the oracle of the integer kernels.
 * @throws VerseletError `out-of-memory`.
 */
export function packMatrix(arena: Arena, matrix: Matrix, expand = false): PackedMatrix {
  if (matrix.kind === 'f32' || expand || matrix.block % BLOCK) return packDense(arena, matrix);
  return packBlocks(arena, matrix);
}

/** [panel, cols, 16] floats; outputs that do not exist are zero. */
function packDense(arena: Arena, matrix: Matrix): PackedMatrix {
  const { rows, cols } = matrix;
  const panels = Math.ceil(rows / DENSE_PANEL);
  const address = arena.allocate(panels * cols * DENSE_PANEL * 4);
  const target = arena.floats(address, panels * cols * DENSE_PANEL);
  if (rows % DENSE_PANEL) target.fill(0, (panels - 1) * cols * DENSE_PANEL);
  const line = new Float32Array(cols);
  for (let row = 0; row < rows; row++) {
    dequantizeRow(matrix, row, line, 0);
    let at = Math.floor(row / DENSE_PANEL) * cols * DENSE_PANEL + (row % DENSE_PANEL);
    for (let col = 0; col < cols; col++) {
      target[at] = line[col]!;
      at += DENSE_PANEL;
    }
  }
  return { kind: 'f32', address, outs: rows, cols, panels };
}

/** [panel, block] of the layouts that `assembly/nibbles.ts` and `assembly/bytes.ts` describe. */
function packBlocks(arena: Arena, matrix: QuantizedMatrix): PackedMatrix {
  const { kind, rows, cols } = matrix;
  const panels = Math.ceil(rows / PANEL);
  const blocks = Math.ceil(cols / BLOCK);
  const { bytes } = BLOCK_LAYOUT[kind];
  const size = panels * blocks * bytes;
  const address = arena.allocate(size);
  const target = arena.octets(address, size);
  if (rows % PANEL) target.fill(0, (panels - 1) * blocks * bytes);
  const view = new DataView(target.buffer, address, size);
  const packBlock = kind === 'q4' ? packNibbles : packBytes;
  for (let row = 0; row < rows; row++) {
    const lane = row % PANEL;
    for (let block = 0; block < blocks; block++) {
      const at = (Math.floor(row / PANEL) * blocks + block) * bytes;
      view.setFloat32(at + lane * 4, scaleOf(matrix, row, block), true);
      packBlock(matrix, row, block, view, at, lane);
    }
  }
  return { kind, address, outs: rows, cols, panels };
}

/** Scale of 32 columns; the matrix's own blocks are a multiple of that. */
function scaleOf({ cols, block: size, scales }: QuantizedMatrix, row: number, block: number): number {
  return fromHalf(scales[row * Math.ceil(cols / size) + Math.floor((block * BLOCK) / size)]!);
}

/** Index of the first value of a block in the matrix's data, in values. */
function firstValue({ cols, block: size }: QuantizedMatrix, row: number, block: number): number {
  return row * Math.ceil(cols / size) * size + block * BLOCK;
}

function packNibbles(matrix: QuantizedMatrix, row: number, block: number, view: DataView, at: number, lane: number): void {
  const { data } = matrix;
  let source = firstValue(matrix, row, block) >> 1;
  let target = at + BLOCK_LAYOUT.q4.values + lane * 4;
  for (let group = 0; group < BLOCK; group += 8) {
    // Bytes hold columns (0, 1) (2, 3) (4, 5) (6, 7); wanted are (0, 4) (1, 5) (2, 6) (3, 7).
    const a = data[source]!;
    const b = data[source + 1]!;
    const c = data[source + 2]!;
    const d = data[source + 3]!;
    const low = (a & 15) | ((a >> 4) << 8) | ((b & 15) << 16) | ((b >> 4) << 24);
    const high = (c & 15) | ((c >> 4) << 8) | ((d & 15) << 16) | ((d >> 4) << 24);
    view.setInt32(target, low | (high << 4), true);
    source += 4;
    target += 32;
  }
}

function packBytes(matrix: QuantizedMatrix, row: number, block: number, view: DataView, at: number, lane: number): void {
  const { data } = matrix;
  let source = firstValue(matrix, row, block);
  let target = at + BLOCK_LAYOUT.q8.values + lane * 4;
  let sum = -128 * BLOCK;
  for (let group = 0; group < BLOCK; group += 4) {
    for (let i = 0; i < 4; i++) {
      const value = data[source + i]!;
      sum += value;
      view.setInt8(target + i, value - 128);
    }
    source += 4;
    target += 32;
  }
  view.setInt16(at + PANEL * 4 + lane * 2, sum, true);
}
