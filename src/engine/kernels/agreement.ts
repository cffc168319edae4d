/** Whether relaxed SIMD can be trusted here. */

import type { QuantizedMatrix } from '../../convert/types.ts';
import { Arena } from './arena.ts';
import { compileKernels, hasRelaxedSimd, instantiateKernels } from './instantiate.ts';
import type { Kernels } from './instantiate.ts';
import { packMatrix } from './matrix.ts';
import { integerStride } from './integers.ts';

const COLS = 64;
const OUTS = 8;
/** Scale 0.25 as a half float. */
const QUARTER = 0x3400;
/** Mode of a product that does not add to what is there. */
const PLAIN = 0;

/** Steps of a timed run: some tenths of a millisecond. */
const PROBES = 100_000;
/** A lead that decides, ms, and runs at most: the clock may tick in whole milliseconds, or hardly at all. */
const LEAD = 1.5;
const ROUNDS = 12;

function noise(kind: 'q4' | 'q8'): QuantizedMatrix {
  const bytes = kind === 'q4' ? COLS / 2 : COLS;
  const data = Uint8Array.from({ length: OUTS * bytes }, (_, i) => (i * 197 + (i >> 3) * 31) & 255);
  return { kind, rows: OUTS, cols: COLS, block: 32, data, scales: new Uint16Array((OUTS * COLS) / 32).fill(QUARTER) };
}

interface Sample {
  arena: Arena;
  kernels: Kernels;
}

async function sampleOf(relaxed: boolean): Promise<Sample> {
  const arena = new Arena();
  return { arena, kernels: await instantiateKernels(arena.memory, await compileKernels(relaxed)) };
}

/** Products of 4-bit and 8-bit noise with 1, 2 and 4 rows of other noise. */
function products({ arena, kernels }: Sample): number[] {
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
      product(integers, stride, rows, address, COLS, 0, out, OUTS * 4, OUTS, 0, 1, PLAIN, tile);
      results.push(...arena.floats(out, rows * OUTS));
    }
  }
  return results;
}

/** The base kernels and the relaxed ones, where the engine has relaxed SIMD and both compute the same. */
async function agreeing(): Promise<{ base: Sample; relaxed: Sample } | undefined> {
  if (!hasRelaxedSimd()) return undefined;
  const base = await sampleOf(false);
  const relaxed = await sampleOf(true);
  const expected = products(base);
  return products(relaxed).every((value, i) => value === expected[i]) ? { base, relaxed } : undefined;
}

/**
 * Whether the engine has relaxed SIMD and computes with it what base SIMD computes. With our operands the specification
 * leaves it no other choice, but an engine's first compiler has been seen to get the dot product wrong.
 */
export async function relaxedSimdAgrees(): Promise<boolean> {
  return (await agreeing()) !== undefined;
}

/**
 * Whether relaxed SIMD agrees and its dot product is the faster one here: with the processor's own instruction for it
 * (ARM, x86 since AVX-VNNI) by a factor, without it slower by a half. Both give the same bits. Takes some milliseconds.
 */
export async function relaxedSimdPays(now: () => number = () => performance.now()): Promise<boolean> {
  const samples = await agreeing();
  if (!samples) return false;
  const time = ({ kernels }: Sample): number => {
    const start = now();
    kernels.probe(PROBES);
    return now() - start;
  };
  let lead = 0;
  for (let round = 0; round < ROUNDS && Math.abs(lead) < LEAD; round++) lead += time(samples.base) - time(samples.relaxed);
  // Where no clock can tell: most devices have the instruction.
  return lead >= 0;
}

let answer: Promise<boolean> | undefined;

/** {@link relaxedSimdPays}, found once a realm: whoever asks early has the kernels compiled when a model comes. */
export function relaxedSimdChosen(): Promise<boolean> {
  answer ??= relaxedSimdPays();
  answer.catch(() => (answer = undefined));
  return answer;
}
