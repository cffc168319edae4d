/** ARPAbet as CMUdict writes it: vowels carry a stress digit (0 none, 1 primary, 2 secondary), consonants none. */

export const VOWELS = 'AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW'.split(' ');

export const CONSONANTS = 'B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH'.split(' ');

/** The packed table's alphabet: byte `i + 1` stands for `PHONEMES[i]`. Its order is part of the file format. */
export const PHONEMES: readonly string[] = [...CONSONANTS, ...VOWELS.flatMap((vowel) => [`${vowel}0`, `${vowel}1`, `${vowel}2`])];

const BARE = [...CONSONANTS, ...VOWELS];

/** Phonemes without stress as one character each, in the small tables: no digit, no lower-case letter. */
export const RHYME_ALPHABET: ReadonlyMap<string, string> = new Map(
  BARE.map((phoneme, at) => [phoneme, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&()*+,-./'[at]!]),
);

/** Whether a phoneme (with or without its stress digit) is a vowel. */
export function isVowel(phoneme: string): boolean {
  return 'AEIOU'.includes(phoneme[0] ?? '-');
}

/** The stress digits of a pronunciation, one per syllable: `'AH0 W EY1'` gives `'01'`. */
export function stressDigits(pronunciation: string): string {
  let digits = '';
  for (const character of pronunciation) if (character >= '0' && character <= '2') digits += character;
  return digits;
}

/** A pronunciation without its stress digits. */
export function withoutStress(pronunciation: string): string {
  return pronunciation.replace(/[012]/g, '');
}

function lastIndexOfStress(phonemes: readonly string[], marks: string): number {
  return phonemes.findLastIndex((phoneme) => marks.includes(phoneme.at(-1) ?? '-'));
}

/**
 * The rhyming part of a pronunciation: its last vowel of primary stress (else secondary, else any) and what follows,
 * without stress digits. The model's own notion (`prosody.py:_part`).
 */
export function rhymePartOf(pronunciation: string): string {
  const phonemes = pronunciation.split(' ');
  for (const mark of ['1', '2', '0']) {
    const at = lastIndexOfStress(phonemes, mark);
    if (at >= 0) return withoutStress(phonemes.slice(at).join(' '));
  }
  return pronunciation;
}

/**
 * The rhyming part from the last vowel with any stress, secondary included: `butterfly` then ends in `AY`.
 * Poets use it beside {@link rhymePartOf}; the two are equal for most words.
 */
export function lateRhymePartOf(pronunciation: string): string {
  const phonemes = pronunciation.split(' ');
  const at = lastIndexOfStress(phonemes, '12');
  return at < 0 ? rhymePartOf(pronunciation) : withoutStress(phonemes.slice(at).join(' '));
}

const SIBILANTS = new Set(['S', 'Z', 'SH', 'ZH', 'CH', 'JH']);
const VOICELESS = new Set(['P', 'T', 'K', 'F', 'TH']);

/** The regular possessive or plural of a pronunciation. */
export function withS(pronunciation: string): string {
  const last = pronunciation.split(' ').at(-1) ?? '';
  if (SIBILANTS.has(last)) return `${pronunciation} AH0 Z`;
  return `${pronunciation} ${VOICELESS.has(last) ? 'S' : 'Z'}`;
}
