/** The small tables that ship with the code: what a word's end says of its rhyme and its syllables. */

import { RHYMES_BY_END, SYLLABLES_BY_END } from './data/core.ts';
import { RHYME_ALPHABET } from './phonemes.ts';
import { guessSyllables } from './syllables.ts';

/** Word ends, spelled backwards (`^` before the first letter), with their labels; see `pack-core.mjs`. */
class EndTable {
  readonly #packed: string;
  #labels: Map<string, string> | undefined;

  constructor(packed: string) {
    this.#packed = packed;
  }

  /** The label of the longest listed end of a word. */
  find(word: string): string {
    this.#labels ??= this.#unpack();
    const backwards = [...`^${word}`].reverse().join('');
    for (let length = backwards.length; length >= 0; length--) {
      const label = this.#labels.get(backwards.slice(0, length));
      if (label !== undefined) return label;
    }
    return '';
  }

  #unpack(): Map<string, string> {
    const labels = new Map<string, string>();
    let end = '';
    for (const [, shared, rest, label] of this.#packed.matchAll(/(\d)([a-z^]*)([^\da-z^]+)/g)) {
      end = end.slice(0, Number(shared)) + rest;
      labels.set(end, label!);
    }
    return labels;
  }
}

const rhymes = new EndTable(RHYMES_BY_END);
const errors = new EndTable(SYLLABLES_BY_END);
const SOUNDS = new Map([...RHYME_ALPHABET].map(([phoneme, character]) => [character, phoneme]));

/**
 * The rhyming part of a word by its longest listed end: exact for common words, a sound guess for others.
 * @param word folded, lower case, letters only.
 */
export function rhymePartByEnd(word: string): string {
  return [...rhymes.find(word)].map((character) => SOUNDS.get(character) ?? '').join(' ');
}

/** The vowel-group rule's count, mended by the word's end. */
export function syllablesByEnd(word: string): number {
  const label = errors.find(word.replaceAll("'", ''));
  return Math.max(1, guessSyllables(word) + 'ABCDEFG'.indexOf(label || 'D') - 3);
}
