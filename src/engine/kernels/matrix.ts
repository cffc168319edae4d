/** Weight matrices in the layouts that the kernels read. */

import { fromHalves } from '../../convert/half.ts';
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

/** [panel, block] of the layouts that `assembly/nibbles.ts` and `assembly/bytes.ts` describe, little-endian as WebAssembly is. */
function packBlocks(arena: Arena, matrix: QuantizedMatrix): PackedMatrix {
  const { kind, rows, cols, block: own, data } = matrix;
  const panels = Math.ceil(rows / PANEL);
  const blocks = Math.ceil(cols / BLOCK);
  const { bytes } = BLOCK_LAYOUT[kind];
  const size = panels * blocks * bytes;
  const address = arena.allocate(size);
  if (rows % PANEL) arena.octets(address, size).fill(0, (panels - 1) * blocks * bytes);
  const reals = arena.floats(address, size / 4);
  const cells = { words: arena.words(address, size / 4), halves: new Int16Array(reals.buffer, address, size / 2) };
  const packBlock = kind === 'q4' ? packNibbles : packBytes;
  const scales = fromHalves(matrix.scales);
  // The matrix's own blocks are a multiple of 32 columns.
  const perRow = Math.ceil(cols / own);
  for (let row = 0; row < rows; row++) {
    const lane = row % PANEL;
    let at = (((row - lane) / PANEL) * blocks * bytes) / 4;
    for (let col = 0; col < cols; col += BLOCK) {
      reals[at + lane] = scales[row * perRow + Math.floor(col / own)]!;
      packBlock(data, row * perRow * own + col, cells, at, lane);
      at += bytes / 4;
    }
  }
  return { kind, address, outs: rows, cols, panels };
}

/** Views of a matrix's memory. */
interface Cells {
  words: Uint32Array;
  halves: Int16Array;
}

/** The four nibbles of 16 bits in a byte each. */
function spread(bits: number): number {
  return (bits & 15) | ((bits & 0xf0) << 4) | ((bits & 0xf00) << 8) | ((bits & 0xf000) << 12);
}

/** 32 nibbles from value number `first` of the matrix into lane `lane` of the block at word `at`. */
function packNibbles(data: Uint8Array, first: number, { words }: Cells, at: number, lane: number): void {
  let source = first >> 1;
  let target = at + BLOCK_LAYOUT.q4.values / 4 + lane;
  for (let group = 0; group < BLOCK; group += 8) {
    // Bytes hold columns (0, 1) (2, 3) (4, 5) (6, 7); wanted are (0, 4) (1, 5) (2, 6) (3, 7).
    const low = spread(data[source]! | (data[source + 1]! << 8));
    const high = spread(data[source + 2]! | (data[source + 3]! << 8));
    words[target] = low | (high << 4);
    source += 4;
    target += PANEL;
  }
}

/** 32 bytes, made signed, and their sum. */
function packBytes(data: Uint8Array, first: number, { words, halves }: Cells, at: number, lane: number): void {
  let target = at + BLOCK_LAYOUT.q8.values / 4 + lane;
  let sum = -128 * BLOCK;
  for (let source = first; source < first + BLOCK; source += 4) {
    const a = data[source]!;
    const b = data[source + 1]!;
    const c = data[source + 2]!;
    const d = data[source + 3]!;
    sum += a + b + c + d;
    words[target] = (a | (b << 8) | (c << 16) | (d << 24)) ^ 0x80808080;
    target += PANEL;
  }
  halves[2 * (at + PANEL) + lane] = sum;
}
