/** Syllables, rhyme and stress over one dictionary. */

import { syllablesByEnd } from './core.ts';
import type { Metre } from './forms.ts';
import { stressDigits } from './phonemes.ts';
import { Pronouncer } from './pronouncer.ts';
import type { Pronunciations } from './pronunciation.ts';
import { RhymeJudge, type Rhyme } from './rhyme.ts';
import { Scanner } from './stress.ts';
import { guessSyllables, SyllableCounter } from './syllables.ts';
import { endKey, wordsOf } from './words.ts';

/** A dictionary that knows no word: everything falls to the rules. */
const NO_PRONUNCIATIONS: Pronunciations = { lookup: () => [] };

/** What can be asked about the sound of lines. All pure; answers are remembered by word. */
export interface Prosody {
  /** Syllables of a line (or a word), as the model's plan tokens count them. */
  syllables(line: string): number;
  /** Whether every reading of the line's words, by the dictionary's variants too, gives the same count. */
  isSteady(line: string): boolean;
  /** The rhyme of the last words of two lines, or of two words. */
  rhymeOf(a: string, b: string): Rhyme;
  /** Rhyme letters, one a line: `'abab'`. Blank lines are skipped; an unrhymed line has a letter of its own. */
  schemeOf(lines: string | readonly string[], options?: { near?: boolean }): string;
  /** `/` stressed, `x` unstressed, `?` unknown: one mark a syllable. */
  scan(line: string): string;
  /** Words whose primary stress is out of the metre's place; see `Scanner.faults`. */
  metreFaults(line: string, metre: Metre): number;
  /** No {@link metreFaults}, after `from` syllables of the same line. Says nothing of the number of syllables. */
  fitsMetre(line: string, metre: Metre, from?: number): boolean;
  /** The rhyming part of a line's last word (`'AY T'`), '' where it has none. */
  rhymePart(line: string): string;
  /** Whether the word is in the dictionary, or derived from one that is. */
  isKnown(word: string): boolean;
}

/** Prosody over a dictionary; without one by the rules and the small tables alone. */
export function createProsody(dictionary: Pronunciations = NO_PRONUNCIATIONS): Prosody {
  // With the dictionary the plain rule counts the rest, as the model's training did.
  const counter = new SyllableCounter(dictionary, dictionary === NO_PRONUNCIATIONS ? syllablesByEnd : guessSyllables);
  const pronouncer = new Pronouncer(dictionary, counter);
  const judge = new RhymeJudge(pronouncer);
  const scanner = new Scanner(pronouncer, counter);
  const isSteadyWord = (word: string): boolean => {
    const count = counter.ofWord(word);
    const { variants, source } = pronouncer.sound(word);
    return source !== 'guess' && variants.every((variant) => stressDigits(variant).length === count);
  };
  return {
    syllables: (line) => counter.ofLine(line),
    isSteady: (line) => wordsOf(line).every(isSteadyWord),
    rhymeOf: (a, b) => judge.compare(a, b),
    schemeOf: (lines, options) =>
      judge.scheme(typeof lines === 'string' ? lines.split('\n') : lines, options?.near ?? false),
    scan: (line) => scanner.scan(line),
    metreFaults: (line, metre) => scanner.faults(line, metre),
    fitsMetre: (line, metre, from) => scanner.faults(line, metre, from) === 0,
    rhymePart: (line) => (endKey(line) === '' ? '' : pronouncer.rhymePart(endKey(line))),
    isKnown: (word) => pronouncer.sound(word).source !== 'guess',
  };
}
