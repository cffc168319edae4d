/** Stress of a line, syllable by syllable, and how far it keeps a metre. */

import type { Metre } from './forms.ts';
import { stressDigits } from './phonemes.ts';
import type { Pronouncer } from './pronouncer.ts';
import type { SyllableCounter } from './syllables.ts';
import { fold, stripApostrophes, wordsOf } from './words.ts';

/** Monosyllables that carry no stress of their own in running text. */
const FUNCTION_WORDS = new Set(
  (
    "a an the this that these those my thy his her its our your their i me thou thee he him she it we us you ye they them " +
    "and but or nor as if so than then though when where while till of in on at by for from to with up down o'er upon through " +
    "into am is are was were be been art wast has have had hath do does did doth dost shall will would should can could may " +
    "might must let what who whom whose which there not no oh o ah all some such too yet tis twas twere er th i'm i'll i'd " +
    "i've he's she's it's we're you're they're he'll she'll we'll you'll they'll he'd she'd they'd don't can't won't"
  ).split(' '),
);

/** One word's share of a line. */
interface Beat {
  /** Syllables as the line counts them. */
  count: number;
  /** Stress patterns that the word may have: `1` primary, `2` secondary, `0` none, `?` unknown; each `count` long. */
  patterns: readonly string[];
  /** As written. */
  word: string;
}

/** A pattern brought to `count` syllables: weak ones go first, from the end; missing ones are weak. */
function fit(digits: string, count: number): string {
  let pattern = digits;
  while (pattern.length > count) {
    const at = pattern.lastIndexOf('0');
    pattern = at < 0 ? pattern.slice(0, -1) : pattern.slice(0, at) + pattern.slice(at + 1);
  }
  return pattern.padEnd(count, '0');
}

/** Lines against metres, with one pronouncer. */
export class Scanner {
  readonly #pronouncer: Pronouncer;
  readonly #counter: SyllableCounter;

  constructor(pronouncer: Pronouncer, counter: SyllableCounter) {
    this.#pronouncer = pronouncer;
    this.#counter = counter;
  }

  /** One mark a syllable: `/` stressed, `x` unstressed, `?` unknown. */
  scan(line: string): string {
    return this.#beats(line)
      .map(({ count, patterns, word }) => {
        if (count === 1) return FUNCTION_WORDS.has(stripApostrophes(fold(word))) ? 'x' : '/';
        return patterns[0]!.replace(/[12]/g, '/').replaceAll('0', 'x');
      })
      .join('');
  }

  /**
   * Words of two or more syllables whose primary stress falls on a weak place of the metre, whichever of their
   * pronunciations is taken. Monosyllables bend to the metre; in iambic lines the first foot may be inverted.
   * @param from syllables of the line before these words.
   */
  faults(line: string, metre: Metre, from = 0): number {
    const beats = this.#beats(line);
    const places = metre === 'anapaestic' ? [isBeatOf(3, 2), isBeatOf(3, 1)] : [isBeatOf(2, metre === 'iambic' ? 1 : 0)];
    const inverts = metre === 'iambic';
    return Math.min(...places.map((isStrong) => countFaults(beats, (at) => isStrong(at) || (inverts && at === 0), from)));
  }

  #beats(line: string): Beat[] {
    return wordsOf(line)
      .flatMap((word) => word.split('-'))
      .filter(Boolean)
      .map((word) => this.#beat(word))
      .filter((beat) => beat.count > 0);
  }

  #beat(word: string): Beat {
    const count = this.#counter.ofWord(word);
    const { variants, source } = this.#pronouncer.sound(word);
    const digits = variants.map(stressDigits).filter((digit) => digit !== '');
    const same = digits.filter((digit) => digit.length === count);
    const chosen = (same.length > 0 ? same : digits).map((digit) => fit(digit, count));
    const unknown = source === 'guess' || chosen.length === 0;
    return { count, patterns: unknown ? ['?'.repeat(count)] : chosen, word };
  }
}

const isBeatOf =
  (step: number, first: number) =>
  (at: number): boolean =>
    at % step === first;

function countFaults(beats: readonly Beat[], mayCarry: (place: number) => boolean, from: number): number {
  let [place, faults] = [from, 0];
  for (const { count, patterns } of beats) {
    const start = place;
    const fits = (pattern: string): boolean => {
      for (let at = pattern.indexOf('1'); at >= 0; at = pattern.indexOf('1', at + 1)) if (!mayCarry(start + at)) return false;
      return true;
    };
    if (count > 1 && !patterns.some(fits)) faults++;
    place += count;
  }
  return faults;
}
