import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rhymePartByEnd, syllablesByEnd } from './core.ts';
import { RHYMES_BY_END, SYLLABLES_BY_END } from './data/core.ts';
import { RHYME_ALPHABET } from './phonemes.ts';

const { parts } = JSON.parse(readFileSync(new URL('../../public/data/end-words.json', import.meta.url), 'utf8')) as {
  parts: Record<string, string>;
};
const words = Object.entries(parts).flatMap(([part, list]) =>
  list.split(',').map((entry) => {
    const [word = '', count, syllables] = entry.split(' ');
    return { word, part, count: Number(count), syllables: Number(syllables) };
  }),
);
const common = words.filter(({ word, count }) => count >= 100 && !word.includes("'"));

describe('the small tables', () => {
  it('know the rhyming part of 99 % of common end words', () => {
    expect(common.length).toBeGreaterThan(2000);
    const right = common.filter(({ word, part }) => rhymePartByEnd(word) === part);
    expect(right.length / common.length).toBeGreaterThan(0.99);
  });

  it('count 99 % of them as the table does', () => {
    const right = common.filter(({ word, syllables }) => Math.abs(syllablesByEnd(word) - syllables) === 0);
    expect(right.length / common.length).toBeGreaterThan(0.98);
  });

  it('cost less than 10 kB', () => {
    expect(gzipSync(RHYMES_BY_END + SYLLABLES_BY_END).length).toBeLessThan(10_000);
  });

  it('answer for any word', () => {
    expect(rhymePartByEnd('zzzz')).not.toBe('');
    expect(rhymePartByEnd('')).not.toBe('');
    expect(syllablesByEnd('')).toBe(1);
  });

  it('write every phoneme as a character of its own', () => {
    expect(new Set(RHYME_ALPHABET.values()).size).toBe(39);
    expect([...RHYME_ALPHABET.values()].join('')).not.toMatch(/[\da-z^'\\]/);
  });
});
