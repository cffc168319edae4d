/** Syllables of a word, counted as the model's training counted them (`prosody.py:syllables`): the plan tokens mean this. */

import { stressDigits } from './phonemes.ts';
import type { Pronunciations } from './pronunciation.ts';
import { fold, stripApostrophes, wordsOf } from './words.ts';

/** Words whose count is settled by the metre of poems, whatever the dictionary says. */
const FIXED: ReadonlyMap<string, number> = new Map(
  Object.entries({
    0: "th' t' 't",
    1: "o'er e'er ne'er e'en ev'n i' o' ta'en hour our fire thy thou thee doth hath the t'is 'tis 'twas",
    2:
      "heaven whate'er where'er whene'er howe'er whoe'er ev'ry every flower power spirit amid being poem poet quiet " +
      'lion real cruel',
  }).flatMap(([count, words]) => words.split(' ').map((word) => [word, Number(count)] as const)),
);

/** Longer runs of letters are no words; they are counted by their beginning. */
export const LONGEST_WORD = 60;

const CONTRACTIONS = new Set(['d', 's', 'st', 'll', 't', 're', 've', 'rt', 'm', 'lt']);
const SUFFIXES = ['eth', 'est', 'ing', 'less', 'ness', 'ful', 'ly', 'like', 'ward'];

const matches = (word: string, pattern: RegExp): number => word.match(pattern)?.length ?? 0;

/** Vowel groups, less a silent e, ed or es; one more for vowels that stand apart in a word of one group. */
export function guessSyllables(spelling: string): number {
  const word = spelling.replaceAll("'", '');
  let count = matches(word, /[aeiouy]+/g);
  if (count > 1 && /[^aeiouylr]e$|[aeiouy][lr]e$|[^aeiouytd]ed$|[^aeiouysxzcgh]es$/.test(word)) count--;
  if (count < 2) count += matches(word, /ia(?!n\b)|io(?!n|us)|[^q]ua(?!l)|eo(?!u)|ii|uou/g);
  return Math.max(1, count);
}

/** Spellings that a stem may have had before a suffix: as it is, with its e again, with one of a doubled letter. */
export function stemSpellings(stem: string): string[] {
  const doubled = stem.length > 2 && stem.at(-1) === stem.at(-2);
  return [stem, `${stem}e`, doubled ? stem.slice(0, -1) : stem];
}

/** Counts the syllables of words with a dictionary, else by rule. Answers are remembered. */
export class SyllableCounter {
  readonly #dictionary: Pronunciations;
  readonly #guess: (word: string) => number;
  readonly #known = new Map<string, number>();

  /** @param guess counts what neither the dictionary nor a rule knows. */
  constructor(dictionary: Pronunciations, guess: (word: string) => number = guessSyllables) {
    this.#dictionary = dictionary;
    this.#guess = guess;
  }

  /** Syllables of a line of text, all its words together. */
  ofLine(line: string): number {
    return wordsOf(line).reduce((sum, word) => sum + this.ofWord(word), 0);
  }

  /** Syllables of one word as written. */
  ofWord(word: string): number {
    const raw = word.toLowerCase().slice(0, LONGEST_WORD);
    const known = this.#known.get(raw);
    if (known !== undefined) return known;
    const count = this.#count(raw);
    if (this.#known.size > 50_000) this.#known.clear();
    this.#known.set(raw, count);
    return count;
  }

  #count(raw: string): number {
    const word = fold(raw);
    const fixed = FIXED.get(word) ?? FIXED.get(stripApostrophes(word));
    if (fixed !== undefined) return fixed;
    if (word !== raw && /[^td][èé]d$/.test(raw.normalize('NFC'))) {
      const stem = word.slice(0, -2);
      return this.ofWord(this.#inDictionary(stem) === undefined ? `${stem}e` : stem) + 1;
    }
    if (word.includes('-')) {
      return word.split('-').reduce((sum, part) => sum + (part ? this.ofWord(part) : 0), 0) || 1;
    }
    const bare = stripApostrophes(word);
    return this.#inDictionary(bare) ?? this.#byRule(bare);
  }

  #inDictionary(word: string): number | undefined {
    const first = this.#dictionary.lookup(word)[0];
    return first === undefined ? undefined : Math.max(1, stressDigits(first).length);
  }

  #byRule(word: string): number {
    if (word.includes("'")) return this.#elided(word);
    for (const suffix of SUFFIXES) {
      if (!word.endsWith(suffix) || word.length <= suffix.length + 2) continue;
      for (const stem of stemSpellings(word.slice(0, -suffix.length))) {
        const count = this.#inDictionary(stem);
        if (count !== undefined) return count + 1;
      }
    }
    return this.#guess(word);
  }

  #elided(word: string): number {
    const at = word.lastIndexOf("'");
    const [head, tail] = [word.slice(0, at), word.slice(at + 1)];
    if (CONTRACTIONS.has(tail)) {
      const sibilant = tail === 's' && /(s|x|z|ch|sh|ce|ge|se)$/.test(head);
      return Math.max(1, (head ? this.ofWord(head) : 0) + (sibilant ? 1 : 0));
    }
    const full = word.replaceAll("'", 'e');
    const count = this.#inDictionary(full) ?? this.#inDictionary(full.replace('ee', 'eve'));
    return count === undefined ? this.#guess(word) : Math.max(1, count - 1);
  }
}
