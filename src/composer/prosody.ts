/** The prosody that decoding needs: poetry's, with the table of end words, and what a word allows in a metre. */

import type { Prosody as LineProsody } from '../poetry/prosody.ts';
import { endKey } from '../poetry/words.ts';

/** Where a word may stand in an iambic line, as bits. */
export const PLACE = { lineStart: 1, weak: 2, strong: 4, all: 7 } as const;

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
  /** {@link PLACE} bits of an iambic line where the word may begin. */
  places(word: string): number;
  /** Commonest first. */
  readonly endWords: readonly EndWord[];
}

/** Articles never carry a beat. */
const ARTICLES = new Set(['the', 'a', 'an']);

/** `words`: word, rhyming part, syllables and count of each end word. */
export function createVerseProsody(lines: LineProsody, words: readonly EndWord[]): Prosody {
  const places = new Map<string, number>();
  const find = (word: string): number => {
    if (ARTICLES.has(word)) return PLACE.lineStart | PLACE.weak;
    if (lines.syllables(word) < 2) return PLACE.all;
    // Two or three syllables before it put the word on a weak or a strong place.
    const [start, weak, strong] = ['', 'a a ', 'a a a '].map((before) => lines.fitsMetre(`${before}${word}`, 'iambic'));
    return (start ? PLACE.lineStart : 0) | (weak ? PLACE.weak : 0) | (strong ? PLACE.strong : 0);
  };
  return {
    ...lines,
    isKnown: (word) => (word.length === 1 ? /^[aio]$/i.test(word) : lines.isKnown(word)),
    endWord: (line) => endKey(line),
    places: (word) => {
      let bits = places.get(word);
      if (bits === undefined) places.set(word, (bits = find(word)));
      return bits;
    },
    endWords: words.filter((entry) => lines.isSteady(entry.word)).toSorted((a, b) => b.count - a.count),
  };
}
