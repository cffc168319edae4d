/** Runs in a page: our WebGPU decoder with its logits read whole, and with them asked about. */
import { packWeights } from '../../src/convert/pack.ts';
import { readPacked } from '../../src/convert/packed.ts';
import { TINY_CONFIG, randomWeights } from '../../src/engine/random-weights.ts';
import { createGpt2Model } from '../../src/engine/gpt2-model.ts';
import { GREEDY } from '../../src/engine/greedy.ts';
import { logSumExp } from '../../src/engine/log-probs.ts';
import { randomStream } from '../../src/engine/random.ts';
import { ReferenceBackend } from '../../src/engine/reference-backend.ts';
import type { Backend, Constraint, DecodedRow, DecodeRow, LogitQuery, LogitSummary, TextTokenizer } from '../../src/engine/types.ts';
import { createWgslBackend, type WgslBackend } from '../../src/engine/wgsl/backend.ts';

/** Vocabularies that no workgroup divides: a small one, and GPT-2's. */
const MODELS = {
  small: { ...TINY_CONFIG, width: 64, inner: 256, vocab: 1003 },
  wide: { ...TINY_CONFIG, layers: 1, width: 16, inner: 32, vocab: 50_257 },
};
export type ModelName = keyof typeof MODELS;

const open = new Map<ModelName, Promise<WgslBackend>>();

function backendOf(name: ModelName): Promise<WgslBackend> {
  const backend = open.get(name) ?? createWgslBackend(randomWeights(MODELS[name]), { why: 'The test asks for it.' });
  open.set(name, backend);
  return backend;
}

/** The same backend for callers that read logits. */
function readerOf(backend: WgslBackend): Backend {
  return {
    device: backend.device,
    vocab: backend.vocab,
    context: backend.context,
    get rows() {
      return backend.rows;
    },
    get length() {
      return backend.length;
    },
    forward: (tokens, options) => backend.forward(tokens, options),
    select: (from, length) => backend.select(from, length),
    dispose: async () => {},
  };
}

/** Whole blocks and heads of vectors; neither. */
const SHAPES = [
  { ...TINY_CONFIG, width: 64, inner: 256, vocab: 203 },
  { ...TINY_CONFIG, layers: 1, heads: 4, width: 24, inner: 40, vocab: 61 },
];

/** Largest difference of our packed models' logits from those of plain TypeScript, with the kernels of both kinds. */
export async function kernels(software: boolean): Promise<number[]> {
  const differences: number[] = [];
  for (const config of SHAPES) {
    const weights = await readPacked(packWeights(randomWeights(config)));
    const backend = await createWgslBackend(weights, { why: 'The test asks for it.', software });
    const reference = new ReferenceBackend(weights);
    for (const tokens of [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [12]]) {
      const [got, want] = await Promise.all([backend, reference].map((one) => one.forward(Int32Array.from(tokens), { all: true })));
      differences.push(want!.reduce((most, logit, i) => Math.max(most, Math.abs(logit - got![i]!)), 0));
    }
    await backend.dispose();
  }
  return differences;
}

export interface Answer {
  /** What is wrong with it, in words. */
  wrong: string[];
  listed: number;
  complete: boolean;
}

/** Checks what the device tells of the logits of a step, [rows, steps] = [3, 2], against the logits themselves. */
export async function answers(name: ModelName): Promise<Answer[]> {
  const backend = await backendOf(name);
  const { vocab } = backend;
  const third = Array.from({ length: vocab }, (_, id) => id).filter((id) => id % 3 === 1);
  const bias = new Map(third.slice(0, 90).map((id, i) => [id, (i % 17) / 4 - 2]));
  const queries: LogitQuery[] = [
    { token: vocab - 1 },
    { least: 0, temperature: 1 },
    { least: 48, temperature: 0.8, allow: Uint8Array.from({ length: vocab - 2 }, (_, id) => Number(id % 3 === 1)), bias },
    { least: 9, temperature: 0.5, allow: third.slice(0, 70) },
    { least: 40, temperature: 2, bias: Float32Array.from({ length: vocab }, (_, id) => (id % 5) / 2) },
    { least: 1, temperature: 1, allow: [vocab - 1] },
  ];
  await backend.select([0], 0);
  await backend.forward(Int32Array.of(5, 6, 7));
  await backend.select([0, 0, 0], 3);
  const tokens = Int32Array.of(1, 2, 3, 4, 5, 6);
  const logits = await backend.forward(tokens, { all: true });
  await backend.select([0, 1, 2], 3);
  const summaries = await backend.reducer.forward(tokens, queries);
  const result: Answer[] = [];
  for (const [i, query] of queries.entries()) {
    const row = logits.subarray(i * vocab, (i + 1) * vocab);
    const again = await backend.reducer.logits(i);
    const wrong = faultsOf(summaries[i]!, query, row);
    if (row.some((logit, id) => logit !== again[id])) wrong.push('other logits when they are read afterwards');
    const { ids, complete = false } = summaries[i]!.best ?? {};
    result.push({ wrong, listed: ids?.length ?? 0, complete });
  }
  return result;
}

function faultsOf(summary: LogitSummary, query: LogitQuery, logits: Float32Array): string[] {
  const wrong: string[] = [];
  const check = (right: boolean, fault: string): void => void (right || wrong.push(fault));
  check(Math.abs(summary.total - logSumExp(logits)) < 1e-5, 'the sum');
  if ('token' in query) {
    check(summary.logit === logits[query.token], "the token's logit");
    return wrong;
  }
  const { ids, logits: own, complete, mass } = summary.best!;
  const { allow, bias, least, temperature } = query;
  const added = (id: number): number => (bias instanceof Float32Array ? bias[id] : bias?.get(id)) ?? 0;
  const allowed = [...logits.keys()].filter((id) => !allow || (allow instanceof Uint8Array ? allow[id] : allow.includes(id)));
  const scores = new Map(allowed.map((id) => [id, logits[id]! + added(id)]));
  const listed = new Set(ids);
  check(listed.size === ids.length, 'a token twice');
  check(ids.every((id, i) => scores.has(id) && own[i] === logits[id]), 'a token or its logit');
  check(complete === (ids.length === scores.size), 'whether that is all');
  check(ids.length >= Math.min(scores.size, least || 40), 'too few');
  const own64 = [...ids].map((id) => scores.get(id)!);
  const [worst, highest] = [Math.min(...own64), Math.max(...own64)];
  check([...scores].every(([id, score]) => listed.has(id) || score <= worst + 1e-5), 'a better token is missing');
  const all = [...scores.values()].reduce((sum, score) => sum + Math.exp((score - highest) / temperature), 0);
  check(Math.abs(mass / all - 1) < 1e-4, 'the mass');
  return wrong;
}

const SAMPLED = { ...GREEDY, topK: 40, topP: 0.95, temperature: 0.8 };

/** Rows as a composer wants them: masks, biases, end words out of a list, forced tokens. */
function rowsOf(vocab: number, seed: number): DecodeRow[] {
  const words = Uint8Array.from({ length: vocab }, (_, id) => Number(id % 4 !== 0));
  const bias = new Map(Array.from({ length: 140 }, (_, i) => [(i * 7) % vocab, (i % 9) / 2 - 3]));
  const constraints: Constraint[] = [
    { kind: 'sample' },
    { kind: 'sample', allow: words, bias },
    { kind: 'sample', allow: [3, 8, 11, 200, 700, 701], sampling: { topK: 0, topP: 0.9, temperature: 1.1 } },
    { kind: 'sample', bias: Float32Array.from({ length: vocab }, (_, id) => -(id % 2)) },
  ];
  return [
    { sampling: GREEDY, constraint: constraints[0]! },
    { sampling: GREEDY, constraint: constraints[1]! },
    ...constraints.map((constraint) => ({ sampling: SAMPLED, constraint })),
  ].map(({ sampling, constraint }, row) => ({
    control: { next: (soFar: readonly number[]) => (soFar.length === 4 ? { kind: 'force', tokens: [9, 10, 11] } : constraint) },
    random: randomStream(seed, row),
    sampling,
    maxTokens: 12,
  }));
}

/** The same job decoded both ways. */
export async function decoded(): Promise<{ read: DecodedRow[]; asked: DecodedRow[] }> {
  const backend = await backendOf('small');
  const job = { prefix: [5, 6, 7, 8] };
  const read = await createGpt2Model(readerOf(backend), {} as TextTokenizer).decode({ ...job, rows: rowsOf(backend.vocab, 3) });
  const asked = await createGpt2Model(backend, {} as TextTokenizer).decode({ ...job, rows: rowsOf(backend.vocab, 3) });
  return { read, asked };
}

export interface Costs {
  layers: number;
  dispatches: number;
  buffersCreated: number;
  /** Of the largest step, a row. */
  bytesPerRow: number;
  /** Rows of logits that the draws needed after all. */
  rowsRead: number;
}

/** What steps cost in the second of two jobs. */
export async function costs(): Promise<Costs> {
  const backend = await backendOf('small');
  const model = createGpt2Model(backend, {} as TextTokenizer);
  await model.decode({ prefix: [5, 6, 7, 8], rows: rowsOf(backend.vocab, 4) });
  const { buffersCreated } = backend.counts;
  const { reducer } = backend;
  const { rowsRead } = reducer;
  let bytesPerRow = 0;
  const forward = reducer.forward.bind(reducer);
  reducer.forward = async (tokens, queries) => {
    const before = backend.counts.bytesRead;
    const told = await forward(tokens, queries);
    bytesPerRow = Math.max(bytesPerRow, (backend.counts.bytesRead - before) / backend.rows);
    return told;
  };
  await model.decode({ prefix: [5, 6, 7, 9], rows: rowsOf(backend.vocab, 5) });
  return {
    layers: MODELS.small.layers,
    dispatches: backend.counts.dispatchesPerStep,
    buffersCreated: backend.counts.buffersCreated - buffersCreated,
    bytesPerRow,
    rowsRead: reducer.rowsRead - rowsRead,
  };
}

Object.assign(globalThis, { gpuLogits: { kernels, answers, decoded, costs } });
