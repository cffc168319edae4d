/** Cost as work grows: tokens/s of our WASM backend against the context's length and the batch. */
import type { Place } from './contender.ts';
import type { LogitQuery } from '../../../src/engine/types.ts';
import type { WgslBackend } from '../../../src/engine/wgsl/backend.ts';
import { openBackend, readWeights } from './own.ts';

export interface Point {
  at: number;
  msPerStep: number;
  tokensPerSecond: number;
}

/** Passes over all points, so that a slow moment does not fall on one of them. */
const PASSES = 6;
/** Samples of a pass at a point, and steps of each: the clock ticks in tenths of a millisecond. */
const SAMPLES = 4;
const STEPS = 8;

/** One step at a time with so many positions in the cache. */
export async function contextCost(place: Place, lengths: readonly number[]): Promise<Point[]> {
  const backend = await openBackend(await readWeights(place), place.device);
  const most = Math.max(...lengths);
  const times = new Map<number, number[]>();
  for (let pass = 0; pass < PASSES; pass++) {
    await backend.forward(Int32Array.from({ length: most - backend.length }, (_, i) => 300 + (i % 900)));
    for (const length of lengths.toSorted((a, b) => b - a)) {
      const token = Int32Array.of(400);
      await sample(times, length, () => backend.select([0], length), () => backend.forward(token));
    }
  }
  await backend.dispose();
  return lengths.map((length) => point(length, 1, times.get(length)!));
}

/** Steps of so many rows with 64 positions in the cache. */
export async function batchCost(place: Place, batches: readonly number[]): Promise<Point[]> {
  const backend = await openBackend(await readWeights(place), place.device);
  await backend.forward(Int32Array.from({ length: 64 }, (_, i) => 300 + i));
  const times = new Map<number, number[]>();
  for (let pass = 0; pass < PASSES; pass++) {
    for (const rows of batches) {
      const from = Array.from({ length: rows }, () => 0);
      const tokens = Int32Array.from(from, (_, i) => 400 + i);
      await sample(times, rows, () => backend.select(from, 64), () => backend.forward(tokens));
    }
  }
  await backend.dispose();
  return batches.map((rows) => point(rows, rows, times.get(rows)!));
}

type Work = () => Promise<unknown>;

async function sample(times: Map<number, number[]>, at: number, prepare: Work, step: Work): Promise<void> {
  for (let i = 0; i < SAMPLES; i++) {
    await prepare();
    const start = performance.now();
    for (let j = 0; j < STEPS; j++) await step();
    times.set(at, [...(times.get(at) ?? []), (performance.now() - start) / STEPS]);
  }
}

function point(at: number, rows: number, times: readonly number[]): Point {
  const msPerStep = times.toSorted((a, b) => a - b)[times.length >> 1]!;
  return { at, msPerStep, tokensPerSecond: (1000 * rows) / msPerStep };
}

export interface GpuCounts {
  dispatchesPerToken: number;
  dispatchesAllowed: number;
  /** In a decode step as the composer makes it. */
  bytesReadPerToken: number;
  buffersCreatedPerStep: number;
}

/** Tokens of a line are drawn from some of the vocabulary, with what the poem has said weighed down. */
function lineQuery(vocab: number): LogitQuery {
  const allow = Uint8Array.from({ length: vocab }, (_, id) => Number(id % 3 > 0));
  const bias = new Map(Array.from({ length: 140 }, (_, i) => [i * 7, -1.5]));
  return { allow, bias, least: 48, temperature: 0.8 };
}

/** What a decode step of our WebGPU decoder costs, counted after two steps of warm-up. */
export async function gpuCounts(place: Place): Promise<GpuCounts> {
  const weights = await readWeights(place);
  const backend = (await openBackend(weights, 'webgpu')) as WgslBackend;
  const query = lineQuery(backend.vocab);
  const step = (): Promise<unknown> => backend.reducer.forward(Int32Array.of(300), [query]);
  for (let i = 0; i < 2; i++) await step();
  const before = { ...backend.counts };
  const steps = 3;
  for (let i = 0; i < steps; i++) await step();
  const { bytesRead, buffersCreated, dispatchesPerStep } = backend.counts;
  await backend.dispose();
  return {
    dispatchesPerToken: dispatchesPerStep,
    dispatchesAllowed: 6 * weights.config.layers + 4,
    bytesReadPerToken: (bytesRead - before.bytesRead) / steps,
    buffersCreatedPerStep: (buffersCreated - before.buffersCreated) / steps,
  };
}
