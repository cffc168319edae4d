/** `verselet/poetry`: the prosody functions over the whole dictionary, ready when the module is. */

import { dictionary } from './dictionary.ts';
import { createProsody } from './prosody.ts';

export { cleanPunctuation } from './punctuation.ts';
export { titleFor } from './titles.ts';
export type { Rhyme } from './rhyme.ts';

const prosody = createProsody(dictionary);

/** Syllables of a line or a word. */
export const syllables: (line: string) => number = prosody.syllables;
/** The rhyme of the last words of two lines, or of two words. */
export const rhymeOf = prosody.rhymeOf;
/** Rhyme letters of lines (or of a text), `'abab'`. */
export const schemeOf = prosody.schemeOf;
/** `/` stressed, `x` unstressed, `?` unknown: one mark a syllable. */
export const scan = prosody.scan;
/** The sounds from the last stressed vowel of a line's last word on, `'AY T'`. */
export const rhymePart = prosody.rhymePart;
