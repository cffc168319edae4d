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
    const floor = scan.floorOf(10, top);
    expect(logits.filter((value) => value >= floor).length).toBeGreaterThanOrEqual(10);
  }
  expect(scan.floorOf(500, 1)).toBe(-Infinity);
  for (const place of [0, 17, 999]) expect(scan.mass(scan.load(row(3, 5).fill(Number.NaN, place, place + 1)))).toBeNaN();
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

it('binary.ts was generated from what assembly/ holds now (else: npm run kernels)', async () => {
  // @ts-expect-error A script without types.
  const { sourcesHash } = (await import('./build.mjs')) as { sourcesHash(): Promise<string> };
  expect(await sourcesHash()).toBe(SOURCES);
});
