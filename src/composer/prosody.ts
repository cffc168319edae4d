/** The prosody that decoding needs: poetry's, with the table of end words, and what a word allows in a metre. */

import type { Prosody as LineProsody } from '../poetry/prosody.ts';
import { endKey } from '../poetry/words.ts';

/** Where a word may stand in an iambic line. */
export const PLACE = { lineStart: 0, weak: 1, strong: 2 } as const;
/** Syllables before a word at each place. */
const BEFORE = [0, 2, 3] as const;

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

/** By count, equal ones in their order: as numbers, which sort many times faster than objects. */
function commonestFirst(words: readonly EndWord[]): EndWord[] {
  const many = words.length;
  const keys = Float64Array.from(words, ({ count }, at) => at - many * count).sort();
  return Array.from(keys, (key) => words[((key % many) + many) % many]!);
}

/** `words`: word, rhyming part, syllables and count of each end word. */
export function createVerseProsody(lines: LineProsody, words: readonly EndWord[]): Prosody {
  const places = BEFORE.map(() => new Map<string, boolean>());
  const steady = new Map<string, boolean>();
  const find = (word: string, place: number): boolean => {
    if (ARTICLES.has(word)) return place !== PLACE.strong;
    return lines.syllables(word) < 2 || lines.fitsMetre(word, 'iambic', BEFORE[place]);
  };
  return {
    ...lines,
    isKnown: (word) => (word.length === 1 ? /^[aio]$/i.test(word) : lines.isKnown(word)),
    endWord: (line) => endKey(line),
    mayStand: (word, place) => {
      const known = places[place]!;
      let may = known.get(word);
      if (may === undefined) known.set(word, (may = find(word, place)));
      return may;
    },
    isSteady: (line) => {
      // Words are asked for again and again, lines are not.
      if (line.includes(' ')) return lines.isSteady(line);
      let is = steady.get(line);
      if (is === undefined) steady.set(line, (is = lines.isSteady(line)));
      return is;
    },
    endWords: commonestFirst(words),
  };
}
