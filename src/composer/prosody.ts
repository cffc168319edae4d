/** The prosody that decoding needs: poetry's, with the table of end words, and what a word allows in a metre. */

import type { Prosody as LineProsody } from '../poetry/prosody.ts';
import { endKey } from '../poetry/words.ts';

/** Where a word may stand in an iambic line. */
export const PLACE = { lineStart: 0, weak: 1, strong: 2 } as const;
/** Syllables that bring what follows to each place. */
const BEFORE = ['', 'a a ', 'a a a '] as const;

/** A word that may end a line. */
export interface EndWord {
  word: string;
  /** How often it ends a line in the corpus. */
  count: number;
  /** Equal for words that rhyme. */
  part: string;
  syllables: number;
}

export interface Prosody extends LineProsody {
  /** The last word as a key: lower case, no accents, no outer apostrophes; '' where there is none. */
  endWord(line: string): string;
  /** Whether the word may begin at such a {@link PLACE} of an iambic line. */
  mayStand(word: string, place: number): boolean;
  /** Commonest first. */
  readonly endWords: readonly EndWord[];
}

/** Articles never carry a beat. */
const ARTICLES = new Set(['the', 'a', 'an']);

/** `words`: word, rhyming part, syllables and count of each end word. */
export function createVerseProsody(lines: LineProsody, words: readonly EndWord[]): Prosody {
  const places = new Map<string, boolean>();
  const find = (word: string, place: number): boolean => {
    if (ARTICLES.has(word)) return place !== PLACE.strong;
    return lines.syllables(word) < 2 || lines.fitsMetre(`${BEFORE[place] ?? ''}${word}`, 'iambic');
  };
  return {
    ...lines,
    isKnown: (word) => (word.length === 1 ? /^[aio]$/i.test(word) : lines.isKnown(word)),
    endWord: (line) => endKey(line),
    mayStand: (word, place) => {
      const key = `${place}${word}`;
      let may = places.get(key);
      if (may === undefined) places.set(key, (may = find(word, place)));
      return may;
    },
    endWords: words.toSorted((a, b) => b.count - a.count),
  };
}
