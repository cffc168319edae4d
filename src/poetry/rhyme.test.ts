import { describe, expect, it } from 'vitest';
import { dictionary } from './dictionary.ts';
import { createProsody } from './prosody.ts';
import { IDENTICAL, NEAR, NONE, PERFECT } from './rhyme.fixture.ts';

const full = createProsody(dictionary);
const rules = createProsody();
const LISTS = { perfect: PERFECT, near: NEAR, identical: IDENTICAL, none: NONE } as const;
const all = Object.entries(LISTS).flatMap(([kind, list]) => list.map(([a, b]) => ({ a, b, kind })));

/** The judged pairs that `prosody` tells otherwise. */
const misses = (prosody: typeof full, pairs = all) => pairs.filter(({ a, b, kind }) => prosody.rhymeOf(a, b) !== kind);

describe('rhymeOf against the hand-checked pairs', () => {
  it('agrees on 98 % of 500 or more', () => {
    expect(all.length).toBeGreaterThanOrEqual(500);
    expect(misses(full).length / all.length).toBeLessThanOrEqual(0.02);
  });

  it('agrees on 90 % by the rules alone, where homophones cannot be told', () => {
    const told = all.filter(({ kind }) => kind !== 'identical');
    expect(misses(rules, told).length / told.length).toBeLessThanOrEqual(0.1);
  });

  it('is symmetric', () => {
    for (const { a, b } of all) expect(full.rhymeOf(b, a)).toBe(full.rhymeOf(a, b));
  });
});

describe('rhymeOf', () => {
  it('reads the last words of lines, whatever the marks', () => {
    expect(full.rhymeOf('And all the stars went out that night—', '“She was my heart’s DELIGHT!”')).toBe('perfect');
    expect(full.rhymeOf('moon-light', 'night')).toBe('perfect');
    expect(full.rhymeOf('', 'night')).toBe('none');
  });

  it('holds with any pronunciation of a word', () => {
    expect(full.rhymeOf('again', 'pain')).toBe('perfect');
    expect(full.rhymeOf('again', 'men')).toBe('perfect');
    expect(full.rhymeOf('the wind', 'mankind')).toBe('perfect');
  });

  it('guesses words that no dictionary has', () => {
    expect(full.rhymeOf('blorvight', 'night')).toBe('perfect');
    expect(full.rhymeOf('blorvight', 'zoovight')).toBe('perfect');
    expect(full.rhymeOf('blorvight', 'sea')).toBe('none');
  });
});
