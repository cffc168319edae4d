import { expect, it } from 'vitest';
import { picture } from './plot.ts';
import { median, pairedRatio } from './statistics.ts';

it('takes medians and ratios of pairs', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  // A slow round that both had to bear changes nothing.
  expect(pairedRatio([2, 20, 2], [1, 10, 1])).toBe(2);
});

it('draws every point inside its plot', () => {
  const points = [[64, 900], [128, 700], [1024, 40]] as const;
  const svg = picture([{ title: 'T', x: 'x', y: 'y', log: true, series: [{ label: '', points }] }]);
  const circles = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
  expect(circles).toHaveLength(3);
  for (const [x, y] of circles) {
    expect(x).toBeGreaterThanOrEqual(56);
    expect(x).toBeLessThanOrEqual(420);
    expect(y).toBeGreaterThanOrEqual(34);
    expect(y).toBeLessThanOrEqual(240);
  }
  expect(circles[0]![1]).toBeLessThan(circles[1]![1]);
});
