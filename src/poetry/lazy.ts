/**
 * The prosody functions for a page that must stay small. They answer at once from rules and a table of word ends, and
 * the first use starts loading the whole dictionary (0.6 MB) in the background, from which later calls are answered.
 * Who must have the dictionary's answer from the first call on awaits {@link ready}.
 */

import { createProsody, type Prosody } from './prosody.ts';
import type { Rhyme } from './rhyme.ts';

export { cleanPunctuation } from './punctuation.ts';
export { titleFor } from './titles.ts';
export type { Rhyme } from './rhyme.ts';

let prosody: Prosody | undefined;
let loading: Promise<void> | undefined;

function current(): Prosody {
  if (!prosody) {
    prosody = createProsody();
    // Without a network the rules stay in place; `ready` tells of it and tries again.
    ready().catch(() => undefined);
  }
  return prosody;
}

async function load(): Promise<void> {
  const { dictionary } = await import('./dictionary.ts');
  prosody = createProsody(dictionary);
}

/**
 * Loads the dictionary, once; afterwards every function here uses it.
 * @throws whatever the import throws (no network); the functions go on with the rules, and a later call tries again.
 */
export async function ready(): Promise<void> {
  loading ??= load();
  try {
    await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

/** Syllables of a line or a word. */
export function syllables(line: string): number {
  return current().syllables(line);
}

/** The rhyme of the last words of two lines, or of two words. */
export function rhymeOf(a: string, b: string): Rhyme {
  return current().rhymeOf(a, b);
}

/** Rhyme letters of lines (or of a text), `'abab'`. */
export function schemeOf(lines: string | readonly string[], options?: { near?: boolean }): string {
  return current().schemeOf(lines, options);
}

/** `/` stressed, `x` unstressed, `?` unknown: one mark a syllable. */
export function scan(line: string): string {
  return current().scan(line);
}

/** The sounds from the last stressed vowel of a line's last word on, `'AY T'`. */
export function rhymePart(line: string): string {
  return current().rhymePart(line);
}
