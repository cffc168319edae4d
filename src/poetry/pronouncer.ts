/**
 * How any word sounds: by the dictionary; else derived from a word it knows (elisions, possessives, compounds, archaic
 * endings); else guessed from its spelling.
 */

import { rhymePartByEnd } from './core.ts';
import { isVowel, rhymePartOf, withS } from './phonemes.ts';
import type { Pronunciations } from './pronunciation.ts';
import { LONGEST_WORD, stemSpellings, type SyllableCounter } from './syllables.ts';
import { fold, stripApostrophes } from './words.ts';

/** The sounds of a word. */
export interface Sound {
  /** Pronunciations with stress digits, the usual one first. A guess has `AH0` for every syllable it cannot know. */
  variants: readonly string[];
  source: 'dictionary' | 'rule' | 'guess';
}

/** Elisions and old words that the dictionary lacks or has otherwise. */
const POETIC: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    "o'er": ['AO1 R', 'OW1 R'],
    "e'er": ['EH1 R'],
    "ne'er": ['N EH1 R'],
    "e'en": ['IY1 N'],
    "ev'n": ['IY1 V N'],
    "heav'n": ['HH EH1 V N'],
    "giv'n": ['G IH1 V N'],
    "driv'n": ['D R IH1 V N'],
    "forgiv'n": ['F ER0 G IH1 V N'],
    "ta'en": ['T EY1 N'],
    "whate'er": ['W AH0 T EH1 R'],
    "where'er": ['W EH0 R EH1 R'],
    "whene'er": ['W EH0 N EH1 R'],
    "howe'er": ['HH AW0 EH1 R'],
    "'tis": ['T IH1 Z'],
    "'twas": ['T W AA1 Z'],
    "'twere": ['T W ER1'],
    "'twill": ['T W IH1 L'],
    "th'": ['DH'],
    'tho': ['DH OW1'],
    'thro': ['TH R UW1'],
    falling: ['F AO1 L IH0 NG'],
    'nought': ['N AO1 T'],
    'drear': ['D R IH1 R'],
    'clime': ['K L AY1 M'],
    'saith': ['S EH1 TH'],
    'ween': ['W IY1 N'],
    'sooth': ['S UW1 TH'],
    'forsooth': ['F AO0 R S UW1 TH'],
    'drouth': ['D R AW1 TH'],
    'wot': ['W AA1 T'],
    'anear': ['AH0 N IH1 R'],
    'wind': ['W IH1 N D', 'W AY1 N D'],
    'been': ['B IH1 N', 'B IY1 N'],
  }),
);

const CONTRACTION_SOUNDS: ReadonlyMap<string, string> = new Map(
  Object.entries({ ll: 'L', re: 'R', ve: 'V', m: 'M', st: 'S T', t: 'T', rt: 'R T', lt: 'L T' }),
);
const SUFFIX_SOUNDS: readonly [string, string][] = [
  ['eth', 'AH0 TH'],
  ['est', 'AH0 S T'],
  ['ing', 'IH0 NG'],
  ['less', 'L AH0 S'],
  ['ness', 'N AH0 S'],
  ['ful', 'F AH0 L'],
  ['ly', 'L IY0'],
  ['like', 'L AY2 K'],
  ['ward', 'W ER0 D'],
  ['er', 'ER0'],
  ['y', 'IY0'],
];
/** Endings before which a mute e is not written: "waking", and no "wakeing". */
const DROPS_E = /^(?:ing|est|eth|er)$/;
const MUTE_E = /[^aeioyg]e$/;
const VOICELESS = new Set(['P', 'K', 'F', 'TH', 'S', 'SH', 'CH']);

/** The past of a pronunciation: `-t`, `-d`, or a syllable of its own. */
function withEd(sound: string): string {
  const last = sound.split(' ').at(-1) ?? '';
  if (last === 'T' || last === 'D') return `${sound} AH0 D`;
  return `${sound} ${VOICELESS.has(last) ? 'T' : 'D'}`;
}

/** Without the weak vowel before the last consonants that an apostrophe stands for: `heaven` to `heav'n`. */
function elide(sound: string): string {
  const sounds = sound.split(' ');
  const at = sounds.findLastIndex((phoneme) => phoneme === 'AH0' || phoneme === 'IH0');
  return at > 0 ? sounds.toSpliced(at, 1).join(' ') : sound;
}

function asRule(variants: readonly string[]): Sound | undefined {
  return variants.length > 0 ? { variants: [...new Set(variants)].slice(0, 8), source: 'rule' } : undefined;
}

/** Gives every word its sounds. Answers are remembered. */
export class Pronouncer {
  readonly #dictionary: Pronunciations;
  readonly #counter: SyllableCounter;
  readonly #known = new Map<string, Sound>();

  constructor(dictionary: Pronunciations, counter: SyllableCounter) {
    this.#dictionary = dictionary;
    this.#counter = counter;
  }

  /** The sounds of one word as written (case, accents and outer apostrophes as in a line). */
  sound(word: string): Sound {
    const raw = word.toLowerCase().slice(0, LONGEST_WORD);
    const known = this.#known.get(raw);
    if (known) return known;
    const sound = this.#find(raw);
    if (this.#known.size > 50_000) this.#known.clear();
    this.#known.set(raw, sound);
    return sound;
  }

  #find(raw: string): Sound {
    const folded = fold(raw);
    const word = stripApostrophes(folded);
    const poetic = POETIC.get(folded) ?? POETIC.get(word);
    if (poetic) return { variants: poetic, source: 'dictionary' };
    if (folded !== raw && /[èé]d$/.test(raw.normalize('NFC'))) return this.#sounded(word);
    const listed = this.#dictionary.lookup(word);
    if (listed.length > 0) return { variants: listed, source: 'dictionary' };
    if (word.includes('-')) return this.#compound(word);
    const derived = word.includes("'") ? this.#elided(word) : asRule(this.#stem(word));
    return derived ?? this.#guessed(word);
  }

  /** Most ask only whether a word is known: its guess is made when it is wanted. */
  #guessed(word: string): Sound {
    const guess = (): string[] => [this.#guess(word)];
    let made: string[] | undefined;
    return {
      source: 'guess',
      get variants() {
        return (made ??= guess());
      },
    };
  }

  /** `blessèd`: the ending is a syllable. */
  #sounded(word: string): Sound {
    const known = this.#listedStem(word.slice(0, -2));
    if (known.length > 0) return { variants: known.map((sound) => `${sound} AH0 D`), source: 'rule' };
    return { variants: [`${this.#guess(word.slice(0, -1))} AH0 D`], source: 'guess' };
  }

  /** `moon-light`: the parts one after the other. */
  #compound(word: string): Sound {
    const parts = word.split('-').filter(Boolean);
    const sounds = parts.map((part) => this.sound(part));
    const last = sounds.pop() ?? { variants: [], source: 'guess' as const };
    const before = sounds.flatMap((sound) => sound.variants.slice(0, 1));
    const source = last.source === 'guess' ? 'guess' : 'rule';
    return { variants: last.variants.map((variant) => [...before, variant].join(' ')), source };
  }

  #elided(word: string): Sound | undefined {
    const at = word.lastIndexOf("'");
    const [head, tail] = [word.slice(0, at), word.slice(at + 1)];
    if (head && tail === 's') return this.#derive(head, withS);
    if (head && tail === 'd') return asRule(this.#listedStem(head).map(withEd)) ?? this.#derive(head, withEd);
    const ending = CONTRACTION_SOUNDS.get(tail);
    if (head && ending) return this.#derive(head, (sound) => `${sound} ${ending}`);
    const full = [word.replaceAll("'", 'e'), word.replace("'", 've')].flatMap((spelling) => this.#dictionary.lookup(spelling));
    if (full.length > 0) return asRule(full.map(elide));
    return asRule([word.replaceAll("'", ''), word.replaceAll("'", 'v')].flatMap((x) => this.#dictionary.lookup(x)));
  }

  #derive(word: string, change: (sound: string) => string): Sound {
    const { variants, source } = this.sound(word);
    return { variants: variants.map(change), source: source === 'guess' ? 'guess' : 'rule' };
  }

  /** The dictionary's sounds of the first spelling of a stem that it has and that `suffix` may follow. */
  #listedStem(stem: string, suffix = ''): readonly string[] {
    const spellings = DROPS_E.test(suffix) && MUTE_E.test(stem) ? [] : stemSpellings(stem);
    return spellings.map((spelling) => this.#dictionary.lookup(spelling)).find((list) => list.length > 0) ?? [];
  }

  #stem(word: string): string[] {
    if (word.endsWith('ed')) {
      const past = this.#listedStem(word.slice(0, -2)).map(withEd);
      if (past.length > 0) return past;
    }
    if (/[^s]s$/.test(word)) {
      const listed = [word.slice(0, -1), word.slice(0, -2)].flatMap((stem) => this.#dictionary.lookup(stem));
      if (listed.length > 0) return [withS(listed[0]!)];
    }
    for (const [suffix, ending] of SUFFIX_SOUNDS) {
      if (!word.endsWith(suffix) || word.length <= suffix.length + 2) continue;
      const listed = this.#listedStem(word.slice(0, -suffix.length), suffix);
      if (listed.length > 0) return listed.map((sound) => `${sound} ${ending}`);
    }
    const prefix = /^(?:un|re|out|over|fore|under|mid|be|a)(?=.{3})/.exec(word)?.[0];
    return prefix ? this.#dictionary.lookup(word.slice(prefix.length)).map((sound) => `AH0 ${sound}`) : [];
  }

  /**
   * As many syllables as the counter gives, the last of them from the spelling's rhyming part. The letters before stand
   * at the front behind a `#`, so that words of one ending do not sound the same.
   */
  #guess(word: string): string {
    const letters = word.replace(/[^a-z]/g, '');
    const part = rhymePartByEnd(letters).split(' ');
    const vowels = part.filter(isVowel).length;
    const before = Math.max(0, this.#counter.ofWord(word) - vowels);
    const first = part.findIndex(isVowel);
    const marked = part.map((phoneme, at) => (isVowel(phoneme) ? `${phoneme}${at === first ? '1' : '0'}` : phoneme));
    const onset = letters.match(/[^aeiouy]+|[aeiouy]+/g)?.slice(0, -2 * vowels || undefined).join('') ?? '';
    return [`#${onset || (/^[^aeiouy]*/.exec(letters)?.[0] ?? '')}`, ...Array<string>(before).fill('AH0'), ...marked].join(' ');
  }

  /** The rhyming part of the usual pronunciation. */
  rhymePart(word: string): string {
    return rhymePartOf(this.sound(word).variants[0] ?? '');
  }
}
