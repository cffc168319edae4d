/** Cost as work grows: tokens/s of our WASM backend against the context's length and the batch. */
import type { Place } from './contender.ts';
import type { WgslBackend } from '../../../src/engine/wgsl/backend.ts';
import { openBackend, readWeights } from './own.ts';

export interface Point {
  at: number;
  msPerStep: number;
  tokensPerSecond: number;
}

/** Steps timed at each point. */
const STEPS = 24;

/** One step at a time with `length` positions in the cache, the fastest half of the steps. */
export async function contextCost(place: Place, lengths: readonly number[]): Promise<Point[]> {
  const backend = await openBackend(await readWeights(place), place.device);
  const points: Point[] = [];
  for (const length of lengths) {
    await backend.select([0], Math.min(backend.length, length - 1));
    const missing = length - backend.length;
    await backend.forward(Int32Array.from({ length: missing }, (_, i) => 300 + (i % 900)));
    points.push(await steps(() => backend.select([0], length), () => backend.forward(Int32Array.of(400)), length, 1));
  }
  await backend.dispose();
  return points;
}

/** Steps of `rows` rows with 64 positions in the cache. */
export async function batchCost(place: Place, batches: readonly number[]): Promise<Point[]> {
  const backend = await openBackend(await readWeights(place), place.device);
  await backend.forward(Int32Array.from({ length: 64 }, (_, i) => 300 + i));
  const points: Point[] = [];
  for (const rows of batches) {
    const from = Array.from({ length: rows }, () => 0);
    const tokens = Int32Array.from(from, (_, i) => 400 + i);
    points.push(await steps(() => backend.select(from, 64), () => backend.forward(tokens), rows, rows));
  }
  await backend.dispose();
  return points;
}

async function steps(prepare: () => Promise<void>, step: () => Promise<unknown>, at: number, rows: number): Promise<Point> {
  const times: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    await prepare();
    // A clock that ticks in tenths of a millisecond needs more than one step; later steps see a slightly longer context.
    const start = performance.now();
    for (let j = 0; j < 8; j++) await step();
    times.push((performance.now() - start) / 8);
  }
  times.sort((a, b) => a - b);
  const msPerStep = times[STEPS >> 1]!;
  return { at, msPerStep, tokensPerSecond: (1000 * rows) / msPerStep };
}

export interface GpuCounts {
  dispatchesPerToken: number;
  dispatchesAllowed: number;
  bytesReadPerToken: number;
  buffersCreatedPerStep: number;
}

/** What a decode step of our WebGPU decoder costs, counted after two steps of warm-up. */
export async function gpuCounts(place: Place): Promise<GpuCounts> {
  const weights = await readWeights(place);
  const backend = (await openBackend(weights, 'webgpu')) as WgslBackend;
  const step = (): Promise<unknown> => backend.forward(Int32Array.of(300));
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
