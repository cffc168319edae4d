/** Which words the poems use: non-words, and content words that come back too often. */
import type { Pronunciations } from '../../src/poetry/pronunciation.ts';
import type { Prosody } from '../../src/poetry/prosody.ts';
import { fold, stripApostrophes, wordsOf as spelledIn } from '../../src/poetry/words.ts';
import { isContentWord, wordsOf } from './measures.ts';

/** Content words may stand this often in a poem. */
const MOST = 2;

export interface WordCount {
  lines: number;
  words: number;
  /** Different words by how they are known: not in CMUdict, but as stated. */
  derived: string[];
  inCorpus: string[];
  /** In no dictionary, not derived from a word that is, and not five times in the corpus: non-words, each time it occurs. */
  unknown: string[];
}

/** Words in lower case with their apostrophes, the parts of hyphenated ones apart. */
function partsOf(line: string): string[] {
  return spelledIn(line).flatMap((word) => word.toLowerCase().split('-')).filter(Boolean);
}

/**
 * Sorts the words of the poems: listed in CMUdict; else five times or more in the corpus (where there is one); else
 * derived by rule from a listed word (regular inflection, compound, elision); else a non-word.
 */
export function countWords(poems: readonly (readonly string[])[], dictionary: Pronunciations, prosody: Prosody, corpus: ReadonlySet<string> = new Set()): WordCount {
  const lines = poems.flat();
  const words = lines.flatMap(partsOf);
  const listed = (word: string): boolean => [fold(word), stripApostrophes(fold(word))].some((spelling) => dictionary.lookup(spelling).length > 0);
  const unlisted = words.filter((word) => !listed(word));
  const rare = unlisted.filter((word) => !corpus.has(stripApostrophes(word)));
  const unique = (list: readonly string[]): string[] => [...new Set(list)].sort();
  return {
    lines: lines.length,
    words: words.length,
    derived: unique(rare.filter((word) => prosody.isKnown(word))),
    inCorpus: unique(unlisted.filter((word) => corpus.has(stripApostrophes(word)))),
    unknown: rare.filter((word) => !prosody.isKnown(word)),
  };
}

/** Poems with a content word more than twice; lines that must repeat (`refrains`) do not count. */
export function insistent<P extends { lines: readonly string[]; refrains: ReadonlySet<number> }>(poems: readonly P[]): P[] {
  return poems.filter(({ lines, refrains }) => {
    const counts = new Map<string, number>();
    for (const word of lines.filter((_, index) => !refrains.has(index)).flatMap(wordsOf)) {
      if (isContentWord(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    return [...counts.values()].some((count) => count > MOST);
  });
}
