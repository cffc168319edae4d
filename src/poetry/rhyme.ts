/** Rhyme told by sound: perfect, near, identical or none. */

import { isVowel, lateRhymePartOf, rhymePartOf, withoutStress } from './phonemes.ts';
import type { Pronouncer } from './pronouncer.ts';
import { endWord, fold } from './words.ts';

/**
 * `perfect`: equal sounds from the last stressed vowel on. `identical`: the same word or one that sounds the same.
 * `near`: the same stressed vowel before related consonants, related vowels before the same consonants, or a rhyme on
 * an unstressed last syllable (`eternity`, `sea`).
 */
export type Rhyme = 'perfect' | 'near' | 'identical' | 'none';

/** Consonants that stand for each other in a near rhyme. */
const FAMILIES = ['P T K', 'B D G', 'M N NG', 'F TH S SH', 'V DH Z ZH', 'CH JH', 'S Z', 'T D', 'TH DH', 'F V'].map(
  (family) => new Set(family.split(' ')),
);
/** Vowels that stand for each other in a near rhyme: poets' eye rhymes and accents. */
const CLOSE_VOWELS = ['AH UW', 'AH OW', 'AA AO', 'IH IY', 'AO OW', 'UH UW', 'AH UH', 'UH AO', 'AO ER'].map(
  (pair) => new Set(pair.split(' ')),
);

const together = (groups: readonly ReadonlySet<string>[], a: string, b: string): boolean =>
  a === b || groups.some((group) => group.has(a) && group.has(b));

/**
 * One spelling for sounds that the dictionary writes in two ways: weak `IH` and `AH` in an ending (`hated`, `stated`),
 * `IY R` and `IH R` (`here`, `dear`), `AY ER` and `AY R` (`higher`, `fire`).
 */
function unify(part: string): string {
  const [first = '', ...rest] = part.split(' ');
  const joined = [first, ...rest.map((phoneme) => (phoneme === 'IH' ? 'AH' : phoneme))].join(' ');
  return joined.replace(/^IY R/, 'IH R').replace(/^(AY|AW) ER/, '$1 R');
}

/** What rhyme needs to know of a word. */
interface Ending {
  word: string;
  sounds: ReadonlySet<string>;
  parts: readonly string[];
  /** Weak last syllables that may carry the beat and rhyme. */
  promoted: readonly string[];
}

/** The last syllable of `eternity`, which may carry the beat: two weak ones, the last of them `IY`. */
function carriedSyllable(variant: string): string | undefined {
  if (!variant.endsWith('IY0')) return undefined;
  const phonemes = variant.split(' ');
  const vowels = phonemes.flatMap((phoneme, at) => (isVowel(phoneme) ? [at] : []));
  const weakBefore = phonemes[vowels.at(-2) ?? -1]?.endsWith('0');
  return vowels.length >= 3 && weakBefore ? 'IY' : undefined;
}

function nearParts(a: string, b: string): boolean {
  const [x, y] = [a.split(' '), b.split(' ')];
  if (x.length !== y.length || x.length < 2) return false;
  if (x[0] === y[0]) return x.every((phoneme, at) => together(FAMILIES, phoneme, y[at]!));
  return together(CLOSE_VOWELS, x[0]!, y[0]!) && x.slice(1).join(' ') === y.slice(1).join(' ');
}

/** Compares line ends with one pronouncer. */
export class RhymeJudge {
  readonly #pronouncer: Pronouncer;

  constructor(pronouncer: Pronouncer) {
    this.#pronouncer = pronouncer;
  }

  /** The rhyme of the last words of two lines (or of two words). */
  compare(a: string, b: string): Rhyme {
    return this.#compare(this.#ending(a), this.#ending(b));
  }

  /**
   * Rhyme letters of lines, `'abab'`: every line that rhymes with none gets a letter of its own.
   * @param near whether near rhymes share a letter.
   */
  scheme(lines: readonly string[], near: boolean): string {
    const seen: Ending[] = [];
    return lines
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const ending = this.#ending(line);
        let at = seen.findIndex((other) => this.#sameLetter(other, ending, near));
        if (at < 0) at = seen.push(ending) - 1;
        return String.fromCharCode(at < 26 ? 97 + at : 65 + Math.min(at - 26, 25));
      })
      .join('');
  }

  #sameLetter(a: Ending, b: Ending, near: boolean): boolean {
    const rhyme = this.#compare(a, b);
    return rhyme === 'perfect' || rhyme === 'identical' || (near && rhyme === 'near');
  }

  #ending(line: string): Ending {
    const word = endWord(line);
    const { variants } = word === '' ? { variants: [] } : this.#pronouncer.sound(word);
    const parts = variants.flatMap((variant) => [rhymePartOf(variant), lateRhymePartOf(variant)]).map(unify);
    const promoted = variants.map(carriedSyllable).filter((part) => part !== undefined);
    return { word: fold(word), sounds: new Set(variants.map(withoutStress)), parts: [...new Set(parts)], promoted };
  }

  #compare(a: Ending, b: Ending): Rhyme {
    if (a.word === '' || b.word === '') return 'none';
    if (a.word === b.word || [...a.sounds].some((sound) => b.sounds.has(sound))) return 'identical';
    if (a.parts.some((part) => b.parts.includes(part))) return 'perfect';
    if (a.parts.some((part) => b.parts.some((other) => nearParts(part, other)))) return 'near';
    const [allA, allB] = [[...a.parts, ...a.promoted], [...b.parts, ...b.promoted]];
    const carried = a.promoted.some((part) => allB.includes(part)) || b.promoted.some((part) => allA.includes(part));
    return carried ? 'near' : 'none';
  }
}
