import { array, assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerseletError } from '../errors.ts';
import { createGpt2Model } from './gpt2-model.ts';
import { GREEDY, greedy } from './greedy.ts';
import { randomStream } from './random.ts';
import { randomWeights, TINY_CONFIG } from './random-weights.ts';
import { ReducingBackend } from './logit-reducer.fixture.ts';
import { ReferenceBackend } from './reference-backend.ts';
import { logProbOf } from './log-probs.ts';
import type { Constraint, DecodeJob, DecodeRow, LanguageModel, RowControl, Sampling, TextTokenizer } from './types.ts';

const WEIGHTS = randomWeights();
const FREE: Sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
const SAMPLE: Constraint = { kind: 'sample' };
const noTokenizer = {} as TextTokenizer;

function fresh(): { backend: ReferenceBackend; model: LanguageModel } {
  const backend = new ReferenceBackend(WEIGHTS);
  return { backend, model: createGpt2Model(backend, noTokenizer) };
}

/** Forces, samples and stops by position, as `plan` says; samples where it says nothing. */
function script(plan: Record<number, Constraint> = {}): RowControl {
  return { next: (soFar) => plan[soFar.length] ?? SAMPLE };
}

function row(seed: number, changes: Partial<DecodeRow> = {}): DecodeRow {
  return { control: script(), random: randomStream(seed), sampling: FREE, maxTokens: 8, ...changes };
}

/** Log-probability of each id after the first, one whole forward each: no cache, no batch. */
async function plainScores(ids: readonly number[]): Promise<number[]> {
  const scores: number[] = [];
  for (let end = 1; end < ids.length; end++) {
    const logits = await new ReferenceBackend(WEIGHTS).forward(Int32Array.from(ids.slice(0, end)));
    scores.push(logProbOf(logits, ids[end]!));
  }
  return scores;
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(want[i]!, 5);
}

describe('decode', () => {
  const force = (...tokens: number[]): Constraint => ({ kind: 'force', tokens });
  const rowsOf = (): DecodeRow[] => [
    row(1),
    row(2, { control: script({ 0: force(5, 6, 7), 4: { kind: 'stop' } }) }),
    row(3, { maxTokens: 3 }),
    row(4, { control: script({ 2: force(9, 9, 9), 6: force(1, 2) }), maxTokens: 10 }),
    row(5, { control: script({ 0: { kind: 'stop' } }) }),
    row(6, { control: script({ 1: { kind: 'sample', allow: [11, 12] } }), maxTokens: 6 }),
  ];

  it('gives each row of a batch what it gets alone', async () => {
    const prefix = [3, 1, 4, 1, 5];
    const batch = await fresh().model.decode({ prefix, rows: rowsOf() });
    for (const [i, alone] of rowsOf().entries()) {
      const [single] = await fresh().model.decode({ prefix, rows: [alone] });
      expect(batch[i]!.tokens).toEqual(single!.tokens);
      expect(batch[i]!.stopped).toBe(single!.stopped);
      expectClose(batch[i]!.logProbs, single!.logProbs);
      expectClose(batch[i]!.logProbs, (await plainScores([...prefix, ...batch[i]!.tokens])).slice(prefix.length - 1));
    }
    expect(batch.map(({ stopped }) => stopped)).toEqual(['length', 'control', 'length', 'length', 'control', 'length']);
    expect(batch[1]!.tokens.slice(0, 3)).toEqual([5, 6, 7]);
    expect(batch[3]!.tokens.slice(2, 5)).toEqual([9, 9, 9]);
    expect(batch[3]!.tokens.slice(6, 8)).toEqual([1, 2]);
    expect(batch[4]!.tokens).toEqual([]);
    expect([11, 12]).toContain(batch[5]!.tokens[1]);
  });

  it('is the same where the logits stay on the device', async () => {
    const sampled = (changes: Partial<Sampling>, constraint: Partial<Extract<Constraint, { kind: 'sample' }>> = {}): Partial<DecodeRow> => ({
      control: { next: (soFar) => (soFar.length === 3 ? force(9, 9, 8, 1) : { ...SAMPLE, ...constraint }) },
      sampling: { ...FREE, ...changes },
      maxTokens: 12,
    });
    const rows = (): DecodeRow[] => [
      ...rowsOf(),
      row(7, sampled({ topK: 1 })),
      row(8, sampled({ topK: 5, topP: 0.9 }, { bias: new Map([[3, 1.5], [60, -2]]) })),
      row(9, sampled({ topP: 0.4 }, { allow: Uint8Array.from({ length: 64 }, (_, id) => id % 3) })),
      row(10, sampled({ topK: 4 }, { allow: [1, 2, 3, 62], sampling: { temperature: 2 } })),
    ];
    const prefix = [3, 1, 4, 1, 5];
    const want = await fresh().model.decode({ prefix, rows: rows() });
    const backend = new ReducingBackend(WEIGHTS);
    const model = createGpt2Model(backend, noTokenizer);
    const got = await model.decode({ prefix, rows: rows() });
    for (const [i, { tokens, stopped, logProbs }] of want.entries()) {
      expect(got[i]).toMatchObject({ tokens, stopped });
      expectClose(got[i]!.logProbs, logProbs);
    }
    // Only the rows without top-k and top-p need the logits after all.
    expect(backend.read).toBeGreaterThan(0);
    const few = await model.decode({ prefix, rows: rows().slice(6) });
    const before = backend.read;
    expect(await model.decode({ prefix, rows: rows().slice(6, 8) })).toEqual(few.slice(0, 2));
    expect(backend.read).toBe(before);
  });

  it('gives the same tokens for the same seed, others for another', async () => {
    const run = async (seed: number): Promise<number[]> =>
      (await fresh().model.decode({ prefix: [1], rows: [row(seed, { maxTokens: 20 })] }))[0]!.tokens;
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it('reuses what it computed, with the results of a fresh start', async () => {
    const ids = array(integer({ min: 0, max: 63 }), { minLength: 1, maxLength: 20 });
    const { model } = fresh();
    await assert(
      asyncProperty(ids, ids, integer(), async (prefix, tail, seed) => {
        const job = (): DecodeJob => ({ prefix: [...prefix, ...tail], rows: [row(seed), row(seed + 1)] });
        await model.decode({ prefix, rows: [row(seed)] });
        const again = await model.decode(job());
        const first = await fresh().model.decode(job());
        expect(again.map(({ tokens }) => tokens)).toEqual(first.map(({ tokens }) => tokens));
        for (const [i, { logProbs }] of first.entries()) expectClose(again[i]!.logProbs, logProbs);
      }),
      { numRuns: 15 },
    );
  });

  it('computes a shared prefix once, and only what is new of the next', async () => {
    const { backend, model } = fresh();
    const prefix = [...Array(20).keys()];
    await model.decode({ prefix, rows: Array.from({ length: 4 }, (_, i) => row(i, { maxTokens: 2 })) });
    // 20 of the prefix; the second token of each row is never fed.
    expect(backend.counts.positions).toBe(24);
    await model.decode({ prefix, rows: [row(9, { maxTokens: 1 })] });
    expect(backend.counts.positions).toBe(24);
    await model.decode({ prefix: [...prefix, 1, 2], rows: [row(9, { maxTokens: 1 })] });
    expect(backend.counts.positions).toBe(26);
  });

  it('feeds forced runs in one forward', async () => {
    const { backend, model } = fresh();
    const control = script({ 0: force(...Array(12).keys()), 12: { kind: 'stop' } });
    const [result] = await model.decode({ prefix: [7], rows: [row(1, { control, maxTokens: 30 })] });
    expect(backend.counts.forwards).toBe(2);
    expectClose(result!.logProbs, await plainScores([7, ...result!.tokens]));
  });

  it('decodes more rows than a batch holds, and counts their tokens', async () => {
    const { model } = fresh();
    const rows = Array.from({ length: 19 }, (_, i) => row(i, { maxTokens: 3 }));
    const results = await model.decode({ prefix: [2, 3], rows });
    expect(results.map(({ tokens }) => tokens.length)).toEqual(rows.map(() => 3));
    const [last] = await fresh().model.decode({ prefix: [2, 3], rows: [row(18, { maxTokens: 3 })] });
    expect(results[18]!.tokens).toEqual(last!.tokens);
    expect(model.tokensDecoded).toBe(57);
  });

  it('stops at the end of the context', async () => {
    const { model } = fresh();
    const prefix = Array(TINY_CONFIG.context - 3).fill(1) as number[];
    const control = script({ 1: force(4, 4, 4, 4) });
    const rows = [row(1, { maxTokens: 99 }), row(2, { control, maxTokens: 99 })];
    const results = await model.decode({ prefix, rows });
    const ends = results.map(({ tokens, stopped }) => [tokens.length, stopped]);
    expect(ends).toEqual([
      [3, 'context'],
      [3, 'context'],
    ]);
    const full = Array(TINY_CONFIG.context).fill(1) as number[];
    await expect(model.decode({ prefix: full, rows: [row(1)] })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(model.decode({ prefix: [], rows: [row(1)] })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(model.decode({ prefix: [64], rows: [row(1)] })).rejects.toMatchObject({ code: 'bad-request' });
    expect(await greedy(model, [1], 2)).toHaveLength(2);
  });

  it('penalises what prefix and row already said', async () => {
    const sampling = { ...GREEDY, repetitionPenalty: 1e6 };
    const [result] = await fresh().model.decode({ prefix: [1, 2], rows: [row(1, { sampling, maxTokens: 30 })] });
    expect(new Set([1, 2, ...result!.tokens]).size).toBe(32);
  });

  it('stops between steps when asked, and works on', async () => {
    const { backend, model } = fresh();
    const stopper = new AbortController();
    const control: RowControl = {
      next: (soFar) => {
        if (soFar.length === 3) stopper.abort();
        return SAMPLE;
      },
    };
    const rows = [row(1, { control, maxTokens: 40 })];
    await expect(model.decode({ prefix: [1], rows }, stopper.signal)).rejects.toMatchObject({ code: 'aborted' });
    expect(backend.length).toBe(3);
    const again = model.decode({ prefix: [1], rows: [row(1)] }, stopper.signal);
    await expect(again).rejects.toMatchObject({ code: 'aborted' });
    const [after] = await model.decode({ prefix: [1], rows: [row(1)] });
    const [want] = await fresh().model.decode({ prefix: [1], rows: [row(1)] });
    expect(after!.tokens).toEqual(want!.tokens);
  });

  it('takes one call at a time', async () => {
    const { model } = fresh();
    const first = model.decode({ prefix: [1], rows: [row(1)] });
    await expect(model.logits([1])).rejects.toMatchObject({ code: 'bad-request' });
    expect((await first)[0]!.tokens).toHaveLength(8);
  });

  it('names a failure of the device and does not touch it again', async () => {
    const { backend, model } = fresh();
    const works = backend.forward.bind(backend);
    backend.forward = () => Promise.reject(new Error('A valid external Instance reference no longer exists.'));
    await expect(model.logits([1])).rejects.toMatchObject({ code: 'device-lost' });
    backend.forward = works;
    await expect(model.logits([1])).rejects.toBeInstanceOf(VerseletError);
  });
});

describe('a lost device', () => {
  async function open(): Promise<{ model: LanguageModel; lose: (message: string) => void; heard: string[] }> {
    const heard: string[] = [];
    let lose!: (message: string) => void;
    const lost = new Promise<string>((resolve) => {
      lose = resolve;
    });
    const options = { lost, onLost: (message: string) => void heard.push(message) };
    return { model: createGpt2Model(fresh().backend, noTokenizer, options), lose, heard };
  }

  it('is told at once and fails every later call', async () => {
    const { model, lose, heard } = await open();
    await model.logits([1]);
    lose('The GPU was lost.');
    await Promise.resolve();
    expect(heard).toEqual(['The GPU was lost.']);
    await expect(model.logits([3])).rejects.toMatchObject({ code: 'device-lost', message: 'The GPU was lost.' });
  });

  it('is no loss when the model was closed', async () => {
    const { model, lose, heard } = await open();
    await model.dispose();
    lose('The device was destroyed.');
    await expect(model.logits([1])).rejects.toMatchObject({ code: 'aborted' });
    expect(heard).toEqual([]);
  });
});

describe('score and logits', () => {
  it('scores every id from the given one on', async () => {
    const ids = [1, 2, 3, 5, 8, 13, 21, 34, 55];
    const want = await plainScores(ids);
    const { model } = fresh();
    const asking = createGpt2Model(new ReducingBackend(WEIGHTS), noTokenizer);
    for (const from of [1, 4, 9, 2]) {
      expectClose(await model.score(ids, from), want.slice(from - 1));
      expectClose(await asking.score(ids, from), want.slice(from - 1));
    }
    await expect(model.score(ids, 0)).rejects.toMatchObject({ code: 'bad-request' });
    await expect(model.score(ids, 10)).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('gives logits that stay as they were', async () => {
    const { model } = fresh();
    const logits = await model.logits([1, 2, 3]);
    const copy = logits.slice();
    await model.logits([1, 2, 3, 4]);
    expect(logits).toEqual(copy);
    expect(logits).toEqual(await new ReferenceBackend(WEIGHTS).forward(Int32Array.of(1, 2, 3)));
    expect(await model.logits([1, 2, 3])).toEqual(logits);
    expect(await model.logits(Array(48).fill(1) as number[])).toHaveLength(64);
    await expect(model.logits(Array(49).fill(1) as number[])).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('continues greedily with the best token of each step', async () => {
    const { model } = fresh();
    const tokens = await greedy(model, [3, 4], 6);
    for (const [i, token] of tokens.entries()) {
      const logits = await model.logits([3, 4, ...tokens.slice(0, i)]);
      expect(logits[token]).toBe(Math.max(...logits));
    }
    expect(tokens).toHaveLength(6);
  });
});
