/** Whether relaxed SIMD can be trusted here. */

import type { QuantizedMatrix } from '../../convert/types.ts';
import { Arena } from './arena.ts';
import { hasRelaxedSimd, instantiateKernels, MODE } from './instantiate.ts';
import { packMatrix } from './matrix.ts';
import { integerStride } from './product.ts';

const COLS = 64;
const OUTS = 8;
/** Scale 0.25 as a half float. */
const QUARTER = 0x3400;

function noise(kind: 'q4' | 'q8'): QuantizedMatrix {
  const bytes = kind === 'q4' ? COLS / 2 : COLS;
  const data = Uint8Array.from({ length: OUTS * bytes }, (_, i) => (i * 197 + (i >> 3) * 31) & 255);
  return { kind, rows: OUTS, cols: COLS, block: 32, data, scales: new Uint16Array((OUTS * COLS) / 32).fill(QUARTER) };
}

/** Products of 4-bit and 8-bit noise with 1, 2 and 4 rows of other noise. */
async function sampleProducts(relaxed: boolean): Promise<number[]> {
  const arena = new Arena();
  const kernels = await instantiateKernels(arena.memory, relaxed);
  const x = arena.store(Float32Array.from({ length: 4 * COLS }, (_, i) => Math.sin(i * i)));
  const stride = integerStride(COLS);
  const integers = arena.allocate(4 * stride);
  const out = arena.allocate(4 * OUTS * 4);
  const tile = arena.allocate(256);
  const results: number[] = [];
  for (const kind of ['q4', 'q8'] as const) {
    const { address } = packMatrix(arena, noise(kind));
    const product = kind === 'q4' ? kernels.nibbleProduct : kernels.byteProduct;
    for (const rows of [1, 2, 4]) {
      kernels.quantize(x, COLS * 4, rows, COLS, kind === 'q4' ? 4 : 8, integers, stride, tile);
      product(integers, stride, rows, address, COLS, 0, out, OUTS * 4, OUTS, 0, 1, MODE.plain, tile);
      results.push(...arena.floats(out, rows * OUTS));
    }
  }
  return results;
}

/**
 * Whether the engine has relaxed SIMD and computes with it what base SIMD computes. With our operands the specification
 * leaves it no other choice, but an engine's first compiler has been seen to get the dot product wrong.
 */
export async function relaxedSimdAgrees(): Promise<boolean> {
  return hasRelaxedSimd() && (answer ??= compare());
}

let answer: Promise<boolean> | undefined;

async function compare(): Promise<boolean> {
  const base = await sampleProducts(false);
  const relaxed = await sampleProducts(true);
  return base.every((value, i) => value === relaxed[i]);
}
