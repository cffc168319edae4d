import { array, assert, constantFrom, double, integer, option, property, record, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from './random.ts';
import { summarize } from './logit-reducer.fixture.ts';
import { logProbOf } from './log-probs.ts';
import { checkSampling, Sampler } from './sampler.ts';
import type { DrawOptions } from './sampler.ts';
import type { Sampling } from './types.ts';

const FREE: Sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

function options(changes: Partial<Sampling> = {}, rest: Partial<DrawOptions> = {}): DrawOptions {
  return { sampling: { ...FREE, ...changes }, random: randomStream(1, 2), ...rest };
}

/** Shares of each token over `draws` draws. */
function shares(logits: number[], opts: DrawOptions, draws = 20_000): number[] {
  const sampler = new Sampler(logits.length);
  const row = Float32Array.from(logits);
  const counts = logits.map(() => 0);
  for (let i = 0; i < draws; i++) counts[sampler.draw(row, opts).token]! += 1;
  return counts.map((count) => count / draws);
}

/** The distribution that the settings define, by sorting: slow and plain. */
function expected(logits: number[], sampling: Sampling): number[] {
  let list = logits.map((logit, id) => ({ id, weight: Math.exp(logit / sampling.temperature) }));
  list.sort((a, b) => b.weight - a.weight || a.id - b.id);
  if (sampling.topK > 0) list = list.slice(0, sampling.topK);
  const total = list.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  list = list.filter(({ weight }) => {
    const keep = before < sampling.topP * total;
    before += weight;
    return keep;
  });
  list = list.filter(({ weight }) => weight >= sampling.minP * list[0]!.weight);
  const kept = list.reduce((sum, { weight }) => sum + weight, 0);
  return logits.map((_, id) => (list.find((entry) => entry.id === id)?.weight ?? 0) / kept);
}

const LOGITS = [0.3, 2, -1, 1.2, 0, 1.9, -3, 0.7];

describe('Sampler', () => {
  it.each<Partial<Sampling>>([
    {},
    { temperature: 0.5 },
    { temperature: 2, minP: 0.3 },
    { topK: 3 },
    { topP: 0.8 },
    { topK: 4, topP: 0.7 },
    { topK: 5, topP: 0.95, minP: 0.4, temperature: 1.3 },
    { topP: 0.9, minP: 0.2 },
  ])('draws from the defined distribution: %o', (changes) => {
    const want = expected(LOGITS, { ...FREE, ...changes });
    const got = shares(LOGITS, options(changes));
    for (const [id, share] of want.entries()) {
      // Five standard deviations of the count; exactly none of what was cut.
      expect(Math.abs(got[id]! - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / 20_000));
    }
  });

  it('is greedy at topK 1, lowest id first among equals, without using the stream', () => {
    const sampler = new Sampler(4);
    const random = { next: () => expect.fail('drew a number') };
    expect(sampler.draw(Float32Array.of(1, 3, 3, 2), { sampling: { ...FREE, topK: 1 }, random }).token).toBe(1);
  });

  it('cuts ties at the border by the lowest id', () => {
    const got = shares([1, 1, 1, 1], options({ topK: 2 }), 2000);
    expect(got.slice(2)).toEqual([0, 0]);
    expect(got[0]).toBeGreaterThan(0.4);
  });

  it('obeys lists, masks and both kinds of bias', () => {
    expect(shares([5, 1, 1], options({}, { allow: [1, 2] }), 500)[0]).toBe(0);
    expect(shares([5, 1, 1], options({}, { allow: Uint8Array.of(0, 1, 0) }), 50)).toEqual([0, 1, 0]);
    expect(shares([5, 1, 1], options({}, { bias: new Map([[0, -Infinity]]) }), 500)[0]).toBe(0);
    expect(shares([5, 1, 1], options({}, { bias: Float32Array.of(-Infinity, 0, 30) }), 50)).toEqual([0, 0, 1]);
  });

  it('forgets a bias after its draw', () => {
    const sampler = new Sampler(3);
    const row = Float32Array.of(5, 1, 1);
    sampler.draw(row, options({ topK: 1 }, { bias: new Map([[2, 50]]) }));
    expect(sampler.draw(row, options({ topK: 1 })).token).toBe(0);
  });

  it('lowers what was seen, whatever its sign', () => {
    const seen = Uint8Array.of(1, 0, 0);
    const draw = (row: number[]): number =>
      new Sampler(3).draw(Float32Array.from(row), options({ topK: 1, repetitionPenalty: 2 }, { seen })).token;
    expect(draw([3, 2, 1])).toBe(1);
    expect(draw([-1, -1.5, -3])).toBe(1);
    expect(draw([5, 2, 1])).toBe(0);
  });

  it("gives the model's own log-probability, whatever was asked for", () => {
    const row = Float32Array.of(0, Math.log(3));
    const drawn = new Sampler(2).draw(row, options({ temperature: 0.1 }, { allow: [0], bias: new Map([[0, 9]]) }));
    expect(drawn.token).toBe(0);
    expect(drawn.logProb).toBeCloseTo(Math.log(1 / 4), 6);
    expect(logProbOf(row, 1)).toBeCloseTo(Math.log(3 / 4), 6);
  });

  it('refuses numbers that are none and constraints that leave nothing', () => {
    const draw = (row: number[], rest: Partial<DrawOptions> = {}): unknown =>
      new Sampler(2).draw(Float32Array.from(row), options({}, rest));
    expect(() => draw([0, NaN])).toThrowError(expect.objectContaining({ code: 'device-lost' }));
    expect(() => draw([NaN, 0])).toThrowError(expect.objectContaining({ code: 'device-lost' }));
    expect(() => draw([-Infinity, -Infinity])).toThrowError(expect.objectContaining({ code: 'device-lost' }));
    expect(() => draw([0, 0], { allow: [] })).toThrowError(expect.objectContaining({ code: 'bad-request' }));
    const none = Float32Array.of(-Infinity, -Infinity);
    expect(() => draw([0, 0], { bias: none })).toThrowError(expect.objectContaining({ code: 'bad-request' }));
  });

  it('checks its settings by name', () => {
    for (const bad of [{ temperature: 0 }, { topK: 1.5 }, { topP: 0 }, { minP: 2 }, { repetitionPenalty: NaN }]) {
      expect(() => checkSampling({ ...FREE, ...bad })).toThrowError(new RegExp(Object.keys(bad)[0]!));
    }
    expect(() => checkSampling(FREE)).not.toThrow();
  });

  it('never leaves the allowed tokens nor the cut', () => {
    const row = array(integer({ min: -40, max: 40 }), { minLength: 2, maxLength: 40 });
    const share = double({ min: 0.05, max: 1, noNaN: true });
    const settings = [row, integer({ min: 0, max: 5 }), share, integer()] as const;
    assert(
      property(...settings, (quarters, topK, topP, seed) => {
        const logits = quarters.map((value) => value / 4);
        const sampling = { ...FREE, topK, topP, minP: 0.1 };
        const random = randomStream(seed);
        const drawn = new Sampler(logits.length).draw(Float32Array.from(logits), { sampling, random });
        expect(expected(logits, sampling)[drawn.token]).toBeGreaterThan(0);
        expect(drawn.logProb).toBeLessThanOrEqual(1e-9);
      }),
    );
  });
});

describe('a draw from what a device told', () => {
  const settings = record({
    temperature: double({ min: 0.2, max: 2, noNaN: true }),
    topK: constantFrom(0, 1, 3, 12, 40),
    topP: constantFrom(0.3, 0.9, 1),
    minP: constantFrom(0, 0.05),
    repetitionPenalty: constantFrom(1, 1.2),
  });
  const constraint = record({
    allow: option(array(integer({ min: 0, max: 89 }), { minLength: 1 }).map((ids) => [...new Set(ids)]), { nil: undefined }),
    bias: option(array(tuple(integer({ min: 0, max: 89 }), double({ min: -6, max: 8, noNaN: true }))).map((pairs) => new Map(pairs)), { nil: undefined }),
  });

  it('is the draw from the logits, or none', () => {
    const sampler = new Sampler(90);
    let told = 0;
    assert(
      property(settings, constraint, integer({ min: 1 }), (sampling, { allow, bias }, seed) => {
        const random = randomStream(seed);
        const logits = Float32Array.from({ length: 90 }, () => 12 * random.next() ** 3);
        const seen = Uint8Array.from(logits, () => (random.next() < 0.2 ? 1 : 0));
        const drawOptions = { sampling, allow, bias, seen };
        const whole = randomStream(seed, 1);
        const want = sampler.draw(logits, { ...drawOptions, random: whole });
        const partly = randomStream(seed, 1);
        const query = { allow, bias, temperature: sampling.temperature, least: sampling.topK };
        const got = sampler.drawFrom(summarize(logits, query, 20), { ...drawOptions, random: partly });
        if (got) {
          told += 1;
          expect(got.token).toBe(want.token);
          expect(got.logProb).toBeCloseTo(want.logProb, 6);
          // As many numbers drawn: the next one is the same.
          expect(partly.next()).toBe(whole.next());
        } else {
          expect(partly.next()).toBe(randomStream(seed, 1).next());
        }
      }),
      { numRuns: 500 },
    );
    expect(told).toBeGreaterThan(100);
  });

  it('is always there where top-k is within what is listed', () => {
    const sampler = new Sampler(90);
    const random = randomStream(5);
    const logits = Float32Array.from({ length: 90 }, () => 8 * random.next());
    const sampling = { ...FREE, topK: 12, topP: 0.95 };
    const query = { temperature: 1, least: 12 };
    for (let i = 0; i < 50; i++) expect(sampler.drawFrom(summarize(logits, query, 20), { sampling, random })).toBeDefined();
  });
});
