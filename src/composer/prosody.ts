/** The prosody that decoding needs, as one object: poetry's functions over the tables that were loaded, memoised. */

export type RhymeKind = 'perfect' | 'near' | 'identical' | 'none';

/** A word that may end a line. */
export interface EndWord {
  word: string;
  /** How often it ends a line in the corpus. */
  count: number;
  /** Equal for words that rhyme. */
  part: string;
  syllables: number;
  /** Syllable of the primary stress, from 0. */
  stress: number;
}

export interface Prosody {
  /** Of a line or a word. */
  syllables(text: string): number;
  /** Whether the word (lower case) is in a dictionary, elided and inflected forms included. */
  known(word: string): boolean;
  /** Syllable of the primary stress of a known word, from 0. */
  primaryStress(word: string): number;
  rhymePart(word: string): string;
  rhymeOf(a: string, b: string): RhymeKind;
  fitsMetre(line: string, metre: 'iambic' | 'trochaic' | 'anapaestic'): boolean;
  endWord(line: string): string;
  /** Commonest first. */
  readonly endWords: readonly EndWord[];
}
