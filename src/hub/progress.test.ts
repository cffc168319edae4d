import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProgressMeter } from './progress.ts';
import type { LoadProgress } from './types.ts';

function meter(): { meter: ProgressMeter; reports: LoadProgress[] } {
  const reports: LoadProgress[] = [];
  return { meter: new ProgressMeter((report) => reports.push(report)), reports };
}

describe('ProgressMeter', () => {
  it('sums files, measures the rate, and foretells the end', () => {
    const { meter: m, reports } = meter();
    m.phase('download', 'w', 0);
    m.expect('a', 1000);
    m.expect('w', 9000);
    m.advance('a', 1000, 1000, 1000);
    m.advance('w', 1000, 1000, 2000);
    m.advance('w', 4000, 3000, 3000);
    expect(reports.at(-1)).toEqual({
      phase: 'download',
      file: 'w',
      loaded: 5000,
      total: 10_000,
      bytesPerSecond: 2000,
      etaSeconds: 2.5,
      fromCache: false,
    });
  });

  it('counts what came from the store, but not as speed', () => {
    const { meter: m, reports } = meter();
    m.phase('download', 'w', 0);
    m.expect('w', 100);
    m.advance('w', 50, 0, 500);
    expect(reports.at(-1)).toMatchObject({ loaded: 50, bytesPerSecond: 0, etaSeconds: Infinity, fromCache: true });
  });

  it('forgets a speed of long ago, and a clock that jumps', () => {
    const { meter: m, reports } = meter();
    m.phase('download', 'w', 0);
    m.expect('w', 1e6);
    m.advance('w', 1000, 1000, 1000);
    m.advance('w', 2000, 1000, 2000);
    m.advance('w', 2010, 10, 3_600_000);
    expect(reports.at(-1)?.bytesPerSecond).toBe(0);
    m.advance('w', 2020, 10, 1000);
    m.advance('w', 3020, 1000, 2000);
    expect(reports.at(-1)?.bytesPerSecond).toBe(1000);
  });

  it('reports ten times a second at most, and the last state always', () => {
    const { meter: m, reports } = meter();
    m.phase('download', 'w', 0);
    m.expect('w', 1000);
    const before = reports.length;
    for (let i = 1; i <= 1000; i += 1) m.advance('w', i, 1, i);
    m.flush(1000);
    m.flush(1000);
    expect(reports.length - before).toBeLessThanOrEqual(11);
    expect(reports.at(-1)).toMatchObject({ loaded: 1000, etaSeconds: 0 });
  });

  it('never goes back within a phase, never passes its total, whatever happens', () => {
    const step = fc.record({
      file: fc.constantFrom('a', 'b'),
      loaded: fc.nat(1000),
      network: fc.nat(1000),
      wait: fc.integer({ min: -500, max: 30_000 }),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { meter: m, reports } = meter();
        m.phase('download', 'a', 0);
        m.expect('a', 500);
        m.expect('b', 700);
        let now = 0;
        for (const { file, loaded, network, wait } of steps) m.advance(file, loaded, network, (now += wait));
        m.flush(now);
        reports.forEach((report, i) => {
          expect(report.loaded).toBeGreaterThanOrEqual(reports[i - 1]?.loaded ?? 0);
          expect(report.loaded).toBeLessThanOrEqual(report.total);
          expect(report.bytesPerSecond).toBeGreaterThanOrEqual(0);
          expect(report.etaSeconds).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });
});
