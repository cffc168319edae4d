/** Weight matrices in the layouts that the kernels read. */

import type { Matrix } from '../../convert/types.ts';
import type { Arena } from './arena.ts';
import { unpackRow } from './unpack.ts';

/** Output features in a panel of a dense matrix; `assembly/dense.ts` has the same number. */
export const DENSE_PANEL = 16;

/** A matrix in the kernels' memory. */
export interface PackedMatrix {
  kind: 'f32';
  address: number;
  /** Output features. */
  outs: number;
  cols: number;
  panels: number;
}

/** Puts `matrix` into memory as f32 panels [panel, cols, 16]; outputs that do not exist are zero. */
export function packDense(arena: Arena, matrix: Matrix): PackedMatrix {
  const { rows, cols } = matrix;
  const panels = Math.ceil(rows / DENSE_PANEL);
  const address = arena.allocate(panels * cols * DENSE_PANEL * 4);
  const target = arena.floats(address, panels * cols * DENSE_PANEL);
  if (rows % DENSE_PANEL) target.fill(0, (panels - 1) * cols * DENSE_PANEL);
  const line = new Float32Array(cols);
  for (let row = 0; row < rows; row++) {
    unpackRow(matrix, row, line);
    let at = Math.floor(row / DENSE_PANEL) * cols * DENSE_PANEL + (row % DENSE_PANEL);
    for (let col = 0; col < cols; col++) {
      target[at] = line[col]!;
      at += DENSE_PANEL;
    }
  }
  return { kind: 'f32', address, outs: rows, cols, panels };
}
