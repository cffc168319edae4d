import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CopyGuard, fnv1a, guardWords, mix } from './copy-guard.ts';

interface Vectors {
  fnv1a: Record<string, number>;
  mix: Record<string, number>;
  lines: { line: string; words: string[]; fingerprint: number | null; positions: number[] | null; known: boolean }[];
}

const root = new URL('../../', import.meta.url);
const vectors = JSON.parse(readFileSync(new URL('training/guard/copy-guard.test.json', root), 'utf8')) as Vectors;
const bytes = new Uint8Array(readFileSync(new URL('public/data/copy-guard.bin', root)));
const guard = new CopyGuard(bytes);

describe('the copy guard', () => {
  it('hashes as its maker does', () => {
    for (const [text, hash] of Object.entries(vectors.fnv1a)) expect(fnv1a(text)).toBe(hash);
    for (const [value, hash] of Object.entries(vectors.mix)) expect(mix(Number(value))).toBe(hash);
  });

  it.each(vectors.lines)('knows whether "$line" is known', ({ line, words, fingerprint, positions, known }) => {
    expect(guardWords(line)).toEqual(words);
    expect(guard.fingerprint(line) ?? null).toBe(fingerprint);
    if (fingerprint !== null) expect(guard.positions(fingerprint)).toEqual(positions);
    expect(guard.copiedWords(line)).toBe(known ? words.length : 0);
  });

  it('refuses bytes that are not the table', () => {
    for (const bad of [new Uint8Array(0), bytes.subarray(0, 1000), new Uint8Array(100)]) {
      expect(() => new CopyGuard(bad)).toThrow(expect.objectContaining({ code: 'integrity' }));
    }
  });
});
