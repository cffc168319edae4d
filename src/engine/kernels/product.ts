/** Matrix products, each by the kernel of its matrix. */

import type { Kernels } from './instantiate.ts';
import type { PackedMatrix } from './matrix.ts';
import type { Workspace } from './workspace.ts';

/** Bytes of a block of integer activations, in `assembly/activations.ts`. */
const ACTIVATION_BLOCK = 80;

/** Bytes of a line of `cols` integer activations. */
export function integerStride(cols: number): number {
  return Math.ceil(cols / 32) * ACTIVATION_BLOCK;
}

/** Lines of floats in memory; strides are in bytes. */
export interface Lines {
  at: number;
  stride: number;
}

/**
 * out[line] = matrix · x[line] + bias, by `mode` added to `out`.
 * @param bias address of floats padded to 32, or 0.
 */
export function product(
  kernels: Kernels,
  space: Workspace,
  matrix: PackedMatrix,
  bias: number,
  x: Lines,
  lines: number,
  out: Lines,
  mode: number,
): void {
  const { kind, address, cols, outs, panels } = matrix;
  const { tile, integers } = space;
  if (kind === 'f32') {
    kernels.denseProduct(x.at, x.stride, lines, address, cols, bias, out.at, out.stride, outs, 0, panels, mode, tile);
    return;
  }
  const stride = integerStride(cols);
  kernels.quantize(x.at, x.stride, lines, cols, kind === 'q4' ? 4 : 8, integers, stride, tile);
  const run = kind === 'q4' ? kernels.nibbleProduct : kernels.byteProduct;
  run(integers, stride, lines, address, cols, bias, out.at, out.stride, outs, 0, panels, mode, tile);
}

/** out = row `token` of `matrix` + the floats at `position`. */
export function embed(kernels: Kernels, matrix: PackedMatrix, token: number, position: number, out: number): void {
  const { kind, address, cols } = matrix;
  if (kind === 'f32') kernels.denseRow(address, cols, token, position, out);
  else if (kind === 'q4') kernels.nibbleRow(address, cols, token, position, out);
  else kernels.byteRow(address, cols, token, position, out);
}
