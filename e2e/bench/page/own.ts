/** Our engine, and its backend without the decode loop. */
import { readPacked } from '../../../src/convert/packed.ts';
import type { Gpt2Weights } from '../../../src/convert/types.ts';
import { createGpt2Model } from '../../../src/engine/gpt2-model.ts';
import { createWasmBackend } from '../../../src/engine/kernels/backend.ts';
import { randomStream } from '../../../src/engine/random.ts';
import type { Backend, DecodedRow, DecodeRow, LanguageModel, Sampling, TextTokenizer } from '../../../src/engine/types.ts';
import { createWgslBackend } from '../../../src/engine/wgsl/backend.ts';
import { type Contender, fetchBytes, type Place, promptIds, timed } from './contender.ts';

export interface OwnOptions extends Place {
  batch: number;
  /** On WASM; default: 1. */
  threads?: number;
  /** Default: greedy. */
  sampling?: Partial<Sampling>;
}

const GREEDY: Sampling = { temperature: 1, topK: 1, topP: 1, minP: 0, repetitionPenalty: 1 };
/** The benchmark speaks in ids. */
const NO_TEXT = {} as TextTokenizer;
const anything = { next: () => ({ kind: 'sample' }) as const };

export function readWeights({ models, model }: Pick<Place, 'models' | 'model'>): Promise<Gpt2Weights> {
  return fetchBytes(`${models}${model}/packed.safetensors`).then(readPacked);
}

export function openBackend(weights: Gpt2Weights, device: Place['device'], threads = 1): Promise<Backend> {
  if (device === 'webgpu') return createWgslBackend(weights, { why: 'The benchmark asks for it.' });
  return createWasmBackend(weights, { threads });
}

export function rowsOf(batch: number, count: number, seed: number, sampling: Partial<Sampling> = {}): DecodeRow[] {
  return Array.from({ length: batch }, (_, row) => ({
    control: anything,
    random: randomStream(seed, row),
    sampling: { ...GREEDY, ...sampling },
    maxTokens: count,
  }));
}

/** Feeds what the model said, with nothing between the steps. */
async function feed(backend: Backend, prefix: readonly number[], rows: readonly DecodedRow[], count: number): Promise<void> {
  await backend.select([0], 0);
  await backend.forward(Int32Array.from(prefix));
  await backend.select(rows.map(() => 0), prefix.length);
  for (let i = 0; i < count - 1; i++) await backend.forward(Int32Array.from(rows, (row) => row.tokens[i]!));
}

export async function openOwn(options: OwnOptions): Promise<Contender> {
  const { batch, sampling, device, threads = 1 } = options;
  const weights = await readWeights(options);
  const backend = await openBackend(weights, device, threads);
  if (device === 'wasm' && backend.device.threads !== threads) throw new Error(backend.device.why);
  const model: LanguageModel = createGpt2Model(backend, NO_TEXT);
  let rows: DecodedRow[] = [];
  let second: Backend | undefined;
  return {
    run: (prompt, count) =>
      timed(batch * count, async () => {
        rows = await model.decode({ prefix: promptIds(prompt), rows: rowsOf(batch, count, prompt, sampling) });
      }),
    async bare(prompt, count) {
      second ??= await openBackend(weights, device);
      return timed(batch * count, () => feed(second!, promptIds(prompt), rows, count));
    },
    tokens: () => rows[0]?.tokens ?? [],
    memoryBytes: () => (backend as { memoryBytes?: number }).memoryBytes ?? 0,
    async close() {
      await model.dispose();
      await second?.dispose();
    },
  };
}

