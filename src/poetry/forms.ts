/** The forms, one row each. Adding a form is adding a row (and its name to `FORM_NAMES`). */

import type { FormName } from './types.ts';

/** Feet that a line may be asked to keep. */
export type Metre = 'iambic' | 'trochaic' | 'anapaestic';

/** A form as data. Patterns are read line by line, and from their start again when the poem is longer. */
export interface FormRow {
  /** Lines in each stanza; the last number repeats. */
  stanzas: readonly number[];
  /**
   * One letter a line: the same letter rhymes; a capital with a digit (`A1`) is a refrain, repeated word for word and
   * rhyming with its letter; `-` is unrhymed. A scheme shorter than the poem starts again with new letters.
   */
  scheme: readonly string[];
  /** Syllables a line; undefined leaves the count to the model. */
  syllables?: readonly number[];
  metre?: Metre;
  /** Index of the line where the thought turns. */
  turn?: number;
  /** Where the caller may choose the number of lines: the step it goes by, and the number when none is given. */
  length?: { step: number; default: number };
}

const letters = (scheme: string): string[] => scheme.split(' ').flatMap((part) => part.match(/[A-Z]\d|./g) ?? []);

export const FORMS: Readonly<Record<FormName, FormRow>> = {
  free: { stanzas: [4], scheme: letters('-'), length: { step: 1, default: 8 } },
  couplets: {
    stanzas: [2],
    scheme: letters('aa'),
    syllables: [8],
    metre: 'iambic',
    length: { step: 2, default: 8 },
  },
  quatrains: {
    stanzas: [4],
    scheme: letters('abab'),
    syllables: [8],
    metre: 'iambic',
    length: { step: 4, default: 8 },
  },
  ballad: {
    stanzas: [4],
    scheme: letters('-a-a'),
    syllables: [8, 6, 8, 6],
    metre: 'iambic',
    length: { step: 4, default: 8 },
  },
  limerick: { stanzas: [5], scheme: letters('aabba'), syllables: [9, 9, 6, 6, 9], metre: 'anapaestic' },
  haiku: { stanzas: [3], scheme: letters('---'), syllables: [5, 7, 5], turn: 2 },
  tanka: { stanzas: [5], scheme: letters('-----'), syllables: [5, 7, 5, 7, 7], turn: 3 },
  cinquain: { stanzas: [5], scheme: letters('-----'), syllables: [2, 4, 6, 8, 2], turn: 4 },
  triolet: { stanzas: [8], scheme: letters('A1B1 a A1 a b A1B1'), syllables: [8], metre: 'iambic' },
  sonnet: {
    stanzas: [4, 4, 4, 2],
    scheme: letters('abab cdcd efef gg'),
    syllables: [10],
    metre: 'iambic',
    turn: 12,
  },
  petrarchan: {
    stanzas: [8, 6],
    scheme: letters('abbaabba cdecde'),
    syllables: [10],
    metre: 'iambic',
    turn: 8,
  },
  villanelle: {
    stanzas: [3, 3, 3, 3, 3, 4],
    scheme: letters('A1bA2 abA1 abA2 abA1 abA2 abA1A2'),
    syllables: [10],
    metre: 'iambic',
    turn: 15,
  },
};
