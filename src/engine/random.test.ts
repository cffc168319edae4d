import { array, assert, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from './random.ts';

function take(count: number, seed: number, ...stream: number[]): number[] {
  const { next } = randomStream(seed, ...stream);
  return Array.from({ length: count }, next);
}

describe('randomStream', () => {
  it('is the same everywhere and for ever', () => {
    // Written down once: a change of these numbers changes every poem that was ever shared.
    expect(take(3, 7, 1, 2).map((value) => value * 2 ** 32)).toMatchInlineSnapshot(`
      [
        2622216616,
        3267891873,
        2181575695,
      ]
    `);
  });

  it('repeats itself for the same path and differs for any other', () => {
    const path = array(nat(), { maxLength: 4 });
    assert(
      property(nat(), path, nat(), path, (seedA, a, seedB, b) => {
        const same = seedA === seedB && a.length === b.length && a.every((value, i) => value === b[i]);
        expect(take(4, seedA, ...a)).toEqual(take(4, seedA, ...a));
        if (!same) expect(take(4, seedA, ...a)).not.toEqual(take(4, seedB, ...b));
      }),
    );
    expect(take(4, 1, 0)).not.toEqual(take(4, 1));
    expect(take(4, 1, 2, 3)).not.toEqual(take(4, 1, 3, 2));
  });

  it('is uniform, within a stream and across neighbouring streams', () => {
    const within = take(50_000, 42);
    const across = Array.from({ length: 50_000 }, (_, i) => take(1, 42, i)[0]!);
    for (const values of [within, across]) {
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
      const bins = Array.from({ length: 20 }, () => 0);
      for (const value of values) bins[Math.floor(value * 20)]! += 1;
      const chiSquare = bins.reduce((sum, bin) => sum + (bin - 2500) ** 2 / 2500, 0);
      // 19 degrees of freedom: above 43.8 once in a thousand.
      expect(chiSquare).toBeLessThan(43.8);
    }
  });
});
