/** First words for an acrostic's rare letters, which few tokens begin with. */

import { PLACE, type Prosody } from './prosody.ts';
import type { Vocabulary } from './vocabulary.ts';
import { TrieWalk } from './word-trie.ts';

/** With this many known words among the tokens, the model needs no list. */
const ENOUGH = 4;
/** The table of end words has none with X. */
const RARE = ['xanadu', 'xerxes', 'xavier', 'xylophones'];

/** The first letter of a text, A–Z; '' where it has none. */
export function firstLetter(text: string): string {
  const letter = /\p{L}/u.exec(text)?.[0] ?? '';
  return letter.normalize('NFD').slice(0, 1).toUpperCase();
}

export interface OpeningWish {
  initial: string;
  /** Syllables at most. */
  room: number;
  /** Tokens that may open the line as it is. */
  mask: Uint8Array;
}

/** Whole words to open a line with, or undefined where the tokens themselves offer enough. */
export function openingsOf(vocabulary: Vocabulary, prosody: Prosody, wish: OpeningWish): TrieWalk | undefined {
  let known = 0;
  for (let id = 0; id < vocabulary.size; id++) if (wish.mask[id] === 1 && vocabulary.syllables[id]! > 0) known++;
  if (known >= ENOUGH) return undefined;
  const letter = wish.initial.toLowerCase();
  const words = [...prosody.endWords.map((entry) => entry.word), ...RARE].filter(
    (word) =>
      word.startsWith(letter) &&
      word.length > 1 &&
      prosody.syllables(word) <= wish.room &&
      prosody.isSteady(word) &&
      prosody.mayStand(word, PLACE.lineStart),
  );
  if (words.length === 0) return undefined;
  const encoded = words.map((word) => vocabulary.tokenizer.encode(word[0]!.toUpperCase() + word.slice(1)));
  return new TrieWalk(words, encoded);
}
