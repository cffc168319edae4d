import { expect, it } from 'vitest';
import { randomStream } from '../random.ts';
import { Sampler } from '../sampler.ts';
import { SOURCES } from './binary.ts';
import { createLogitScan } from './logit-scan.ts';

const VOCAB = 1000;

function row(seed: number, spread: number): Float32Array {
  const random = randomStream(seed, 7);
  // Rounded, so that some are equal.
  return Float32Array.from({ length: VOCAB }, () => Math.round((random.next() - 0.5) * spread * 8) / 8);
}

it('finds the highest, the mass and what reaches a floor', () => {
  const scan = createLogitScan(VOCAB)!;
  for (const spread of [0, 1, 10, 50, 200]) {
    const logits = row(3, spread);
    const top = Math.max(...logits);
    expect(scan.load(logits)).toBe(top);
    const mass = logits.reduce((sum, value) => sum + Math.exp(value - top), 0);
    expect(Math.abs(scan.mass(top) / mass - 1)).toBeLessThan(1e-6);
    const places = [...logits.keys()].filter((place) => logits[place]! >= top - 2);
    expect([...scan.atLeast(top - 2)]).toEqual(places);
    for (const limit of [1, 10, 500]) {
      const least = [...logits].toSorted((a, b) => b - a)[limit - 1]!;
      const best = [...logits.keys()].filter((place) => logits[place]! >= least);
      expect([...scan.best(limit, top, 0)]).toEqual(expect.arrayContaining(best));
    }
  }
  const few = scan.load(row(3, 50));
  expect(scan.best(10, few, 0).length).toBeLessThan(20);
  for (const place of [0, 17, 999]) expect(scan.mass(scan.load(row(3, 5).fill(Number.NaN, place, place + 1)))).toBeNaN();
});

it('leaves what a mask allows, with its bias', () => {
  const scan = createLogitScan(VOCAB)!;
  const logits = row(5, 20);
  const mask = Uint8Array.from({ length: VOCAB - 3 }, (_, id) => (id % 3 === 0 ? 1 : 0));
  const bias = new Map([[3, 100], [4, 200], [VOCAB + 50, 9]]);
  scan.load(logits);
  expect(scan.shape(mask, bias)).toBe(logits[3]! + 100);
  expect([...scan.atLeast(-1000)]).toEqual([...mask.keys()].filter((id) => mask[id] === 1));
  scan.load(logits);
  scan.shape([7, 2, -1, VOCAB + 5], undefined);
  expect([...scan.atLeast(-1000)]).toEqual([2, 7]);
  scan.load(logits);
  expect(scan.shape(new Uint8Array(VOCAB), undefined)).toBe(-Infinity);
  expect([...scan.best(10, -Infinity, 1)]).toEqual([]);
});

it('draws the same tokens with a scan and without', () => {
  const [scanned, plain] = [new Sampler(VOCAB), new Sampler(VOCAB, null)];
  const settings = [{ topK: 1 }, { topK: 5, topP: 0.9 }, { topK: 14 }, { topK: 400 }, { topP: 0.8 }, { minP: 0.1 }, {}];
  for (const [i, setting] of settings.entries()) {
    for (let seed = 0; seed < 20; seed++) {
      const logits = row(seed, 4 + seed);
      const sampling = { temperature: 0.8, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, ...setting };
      const [a, b] = [scanned, plain].map((sampler) => sampler.draw(logits, { sampling, random: randomStream(seed, i) }));
      expect(a!.token).toBe(b!.token);
      expect(a!.logProb).toBeCloseTo(b!.logProb, 5);
    }
  }
});

it('draws the same tokens under masks and biases with a scan and without', () => {
  const [scanned, plain] = [new Sampler(VOCAB), new Sampler(VOCAB, null)];
  for (let seed = 0; seed < 60; seed++) {
    const random = randomStream(seed, 1);
    const logits = row(seed, 4 + seed);
    const share = [0.01, 0.1, 0.5, 1][seed % 4]!;
    const allow = Uint8Array.from({ length: VOCAB }, () => (random.next() < share ? 1 : 0)).fill(1, 0, 2);
    const bias = seed % 3 ? new Map(Array.from({ length: 200 }, () => [Math.floor(random.next() * VOCAB), 20 * (random.next() - 0.5)])) : undefined;
    for (const setting of [{ topK: 1 }, { topK: 12, topP: 0.9 }, { topK: 40 }, { topK: 100, minP: 0.02 }]) {
      const sampling = { temperature: 0.8, topP: 1, minP: 0, repetitionPenalty: 1, ...setting };
      const allowed = seed % 2 ? allow : [...allow.keys()].filter((id) => allow[id] === 1);
      const draw = (sampler: Sampler) => sampler.draw(logits, { sampling, allow: allowed, bias, random: randomStream(seed, 2) });
      expect(draw(scanned).token).toBe(draw(plain).token);
    }
  }
});

it('binary.ts was generated from what assembly/ holds now (else: npm run kernels)', async () => {
  // @ts-expect-error A script without types.
  const { sourcesHash } = (await import('./build.mjs')) as { sourcesHash(): Promise<string> };
  expect(await sourcesHash()).toBe(SOURCES);
});
