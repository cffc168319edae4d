import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { dictionary } from 'cmu-pronouncing-dictionary';
import { describe, expect, it } from 'vitest';
import { PRONUNCIATIONS } from './data/pronunciations.ts';
import { lateRhymePartOf, rhymePartOf } from './phonemes.ts';
import { loadPronunciations } from './pronunciation.ts';

const file = readFileSync(new URL('../../public/data/pronunciations.bin', import.meta.url));
const table = await loadPronunciations(file);

describe('the packed dictionary', () => {
  it('knows every word of CMUdict as CMUdict does', () => {
    const words = Object.keys(dictionary).filter((word) => !word.includes('('));
    for (let at = 0; at < words.length; at += 7) {
      const word = words[at]!;
      expect(table.lookup(word)[0]).toBe(dictionary[word]!.replace(/ #.*$/, '').trim());
    }
  });

  it('gives all variants', () => {
    expect(table.lookup('again')).toEqual(['AH0 G EH1 N', 'AH0 G EY1 N']);
    expect(table.lookup("heart's")).toEqual(['HH AA1 R T S']);
    expect(table.lookup("cabbage's")).toEqual(['K AE1 B AH0 JH AH0 Z', 'K AE1 B IH0 JH AH0 Z']);
  });

  it.each(['', 'zzzzzz', 'xqj', 'À', '__proto__', 'a'.repeat(10_000)])('answers %.20s with nothing', (word) => {
    expect(table.lookup(word)).toEqual([]);
  });

  it('costs less than 900 kB on the wire, and both copies are the same', () => {
    expect(file.length).toBeLessThan(900_000);
    expect(gzipSync(PRONUNCIATIONS).length).toBeLessThan(900_000);
    expect(Buffer.from(PRONUNCIATIONS, 'base64').equals(file)).toBe(true);
  });

  it('refuses bytes that are not the table', async () => {
    const raw = gunzipSync(file);
    for (const bytes of [new Uint8Array(0), raw.subarray(0, 5000), file.subarray(0, 5000), new Uint8Array(100)]) {
      await expect(loadPronunciations(bytes)).rejects.toMatchObject({ code: 'integrity' });
    }
  });
});

describe('rhyming parts', () => {
  it('starts at the last primary stress, or at the last stress', () => {
    expect(rhymePartOf('D IH0 L AY1 T')).toBe('AY T');
    expect(rhymePartOf('B AH1 T ER0 F L AY2')).toBe('AH T ER F L AY');
    expect(lateRhymePartOf('B AH1 T ER0 F L AY2')).toBe('AY');
    expect(rhymePartOf('DH AH0')).toBe('AH');
  });
});
