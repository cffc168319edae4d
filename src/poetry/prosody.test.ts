import { describe, expect, it } from 'vitest';
import { dictionary } from './dictionary.ts';
import * as poetry from './index.ts';
import * as lazy from './lazy.ts';
import { createProsody } from './prosody.ts';

const full = createProsody(dictionary);
const rules = createProsody();

describe('syllables', () => {
  it.each([
    ["o'er", 1],
    ["heav'n", 1],
    ["'tis", 1],
    ["th'", 0],
    ["walk'd", 1],
    ['walked', 1],
    ['blessèd', 2],
    ['lovéd', 2],
    ['heaven', 2],
    ['Every', 2],
    ['singeth', 2],
    ['lovest', 2],
    ["rose's", 2],
    ["zephyr's", 2],
    ['moon-light', 2],
    ['ever-changing', 4],
    ['dreamest', 2],
    ['twinkleth', 3],
    ['', 0],
    ['...', 0],
    ['Shall I compare thee to a summer’s day?', 10],
    ["And thou o'er all the boundless heav'ns art throned", 10],
  ])('%j: %i', (line, count) => {
    expect(full.syllables(line)).toBe(count);
  });

  it.each(['The curfew tolls the knell of parting day,', 'I wandered lonely as a cloud', "Heaven's fire"])(
    'counts %j by the rules alone as with the dictionary',
    (line) => {
      expect(rules.syllables(line)).toBe(full.syllables(line));
    },
  );
});

describe('schemeOf', () => {
  it.each([
    ['The night,\nThe day,\nThe light,\nAway.', 'abab'],
    ['night\nlight\n\nday\naway', 'aabb'],
    [['I go', 'the sea', 'I stay', 'with me'], 'abcb'],
    [[], ''],
    [['', ' '], ''],
  ])('%j: %s', (lines, scheme) => {
    expect(full.schemeOf(lines)).toBe(scheme);
  });

  it('joins near rhymes when asked', () => {
    expect(full.schemeOf(['love', 'prove'])).toBe('ab');
    expect(full.schemeOf(['love', 'prove'], { near: true })).toBe('aa');
  });
});

describe('scan', () => {
  it.each([
    ['Shall I compare thee to a summer day', 'xxx/xxx/x/'],
    ['I wandered lonely as a cloud', 'x/x/xxx/'],
    ['', ''],
    ["O'er heaven", 'x/x'],
    ['blorvist', '??'],
  ])('%j: %s', (line, marks) => {
    expect(full.scan(line)).toBe(marks);
  });

  it('has one mark a syllable', () => {
    for (const line of ["Th' unending hours of fire, and every flower's power", 'moon-lit, ever-blessèd night']) {
      expect(full.scan(line)).toHaveLength(full.syllables(line));
    }
  });
});

describe('metre', () => {
  it.each([
    ['Shall I compare thee to a summer day', 'iambic', true],
    ['Lonely I wandered by the silver sea', 'iambic', true],
    ['I lonely wandered by the silver sea', 'iambic', true],
    ['I was lonely by the cold silver sea', 'iambic', false],
    ['Lonely was the silver river', 'trochaic', true],
    ['The lonely was the silver', 'trochaic', false],
    ['There was a young lady of silver', 'anapaestic', true],
    ['And the sound of a voice that is silent', 'anapaestic', true],
    ['The silver never sang', 'anapaestic', false],
  ] as const)('%j %s: %s', (line, metre, fits) => {
    expect(full.fitsMetre(line, metre)).toBe(fits);
  });
});

describe('known words and steady lines', () => {
  it('knows the dictionary and what derives from it', () => {
    for (const word of ['night', "night's", "walk'd", "o'er", 'moon-light', 'singeth', "zephyr's"]) {
      expect([word, full.isKnown(word)]).toEqual([word, true]);
    }
    for (const word of ['blorvist', 'zzxq', 'wakeing', 'gazeest']) expect([word, full.isKnown(word)]).toEqual([word, false]);
  });

  it('tells lines that every judge counts alike', () => {
    expect(full.isSteady('The night is cold and still')).toBe(true);
    expect(full.isSteady('The fire is cold')).toBe(false);
  });
});

describe('the public functions', () => {
  it('answer at once, and exactly once the dictionary is there', async () => {
    expect(poetry.rhymeOf('though', 'go')).toBe('perfect');
    expect(lazy.rhymeOf('though', 'go')).toBe('perfect');
    expect(lazy.rhymeOf('And I saw the sea,', 'Come with me!')).toBe('perfect');
    expect(lazy.rhymeOf('sea', 'day')).toBe('none');
    await lazy.ready();
    await lazy.ready();
    expect(lazy.rhymeOf('weft', 'cleft')).toBe('perfect');
    expect(lazy.rhymePart('the night')).toBe('AY T');
    expect(poetry.rhymePart('')).toBe('');
    expect(poetry.scan('away')).toBe('x/');
    expect(poetry.titleFor('The sea\nThe sea is deep')).not.toBe('');
    expect(poetry.cleanPunctuation('go!--and')).toBe('go!—and');
  });

  it('bears odd input', () => {
    for (const odd of ['', ' ', '—', '😀', "'", '-', 'ÿÿÿ', 'a'.repeat(100_000)]) {
      expect(poetry.rhymeOf(odd, 'night')).toBe('none');
      expect(poetry.scan(odd)).toHaveLength(poetry.syllables(odd));
    }
  });
});
