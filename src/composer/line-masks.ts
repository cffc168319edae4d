/** Which tokens a line may go on with: by syllables left, place in the metre, and what stands before. */

import { firstLetter } from './openings.ts';
import { PLACE, type Prosody } from './prosody.ts';
import { ROLE, type Vocabulary } from './vocabulary.ts';

/** `cut`: the word must go on; `open`: it may be unfinished; `mark`: after a mark; `short`: soon after; `word`: later. */
export type TextState = 'cut' | 'open' | 'mark' | 'short' | 'word';

/** What a mask depends on in the line's wishes. */
export interface MaskSpec {
  syllables?: number;
  iambic?: boolean;
  initial?: string;
  strict?: boolean;
}

/** Where the text stands: `room` syllables left before the last word, `count` spoken. */
export interface TextPoint {
  room: number;
  count: number;
  state: TextState;
}

/** Budgets of this many syllables or more share one mask. */
export const WIDE = 6;
/** Marks inside a line: a stop or a dash there leads a small model into abbreviations and lists. */
const INNER_MARK = /^[,;:!?]$/;
/** A model that is not at home in verse falls into cries; it gets commas, and words between them. */
const CALM_MARK = /^[,;]$/;

/** The masks of one vocabulary; each is made once and kept there. */
export class LineMasks {
  private readonly vocabulary: Vocabulary;
  private readonly prosody: Prosody;

  constructor(vocabulary: Vocabulary, prosody: Prosody) {
    this.vocabulary = vocabulary;
    this.prosody = prosody;
  }

  /** Tokens with a capital that may open the line. */
  opening(spec: MaskSpec, room: number): Uint8Array {
    const { vocabulary: v } = this;
    const { initial, iambic = false, strict = false } = spec;
    const counted = spec.syllables !== undefined;
    return v.mask(`begin ${initial ?? ''} ${room} ${strict} ${iambic} ${counted}`, (id) => {
      const piece = v.pieces[id]!;
      if (v.role[id] !== ROLE.part || !/^['’]?\p{Lu}/u.test(piece)) return false;
      if (initial !== undefined && firstLetter(piece) !== initial) return false;
      const known = v.syllables[id]!;
      if (known === 0) return !strict && (room > 1 || piece.length < 3);
      if (counted && v.steady[id] === 0) return false;
      return known <= room && (!iambic || this.prosody.mayStand(piece.toLowerCase(), PLACE.lineStart));
    });
  }

  /** Tokens inside a line whose syllables nobody counts. */
  inside(afterMark: boolean): Uint8Array {
    const { vocabulary: v } = this;
    if (afterMark) return v.mask('words', (id) => v.role[id] === ROLE.word);
    return v.mask('inside', (id) =>
      v.role[id] === ROLE.mark ? INNER_MARK.test(v.pieces[id]!) : v.role[id] === ROLE.word || isInner(v.pieces[id]!),
    );
  }

  /** Tokens that fit `room` more syllables before the last word, `count` having been spoken. */
  line(spec: MaskSpec, { room, count, state }: TextPoint): Uint8Array {
    const { vocabulary: v } = this;
    const budget = Math.min(room, WIDE);
    const place = spec.iambic ? (count === 0 ? PLACE.lineStart : count % 2 === 0 ? PLACE.weak : PLACE.strong) : undefined;
    const strict = spec.strict ?? false;
    const key = `line ${budget} ${place} ${state} ${strict}`;
    const marks: TextState[] = strict ? ['word'] : ['word', 'short', 'open'];
    const standing = place === undefined ? undefined : this.standing(place);
    return v.mask(key, (id) => {
      const role = v.role[id];
      if (role === ROLE.mark) return marks.includes(state) && (strict ? CALM_MARK : INNER_MARK).test(v.pieces[id]!);
      if (role === ROLE.part) return isInner(v.pieces[id]!) && state !== 'mark' && (state === 'open' || state === 'cut' || !strict);
      if (role !== ROLE.word || state === 'cut') return false;
      const known = v.syllables[id]!;
      if (known === 0) return !strict && budget > 1;
      if (known > budget || v.steady[id] === 0) return false;
      return standing === undefined || standing[id] === 1;
    });
  }

  /** Whole known words that may begin at such a place of an iambic line. */
  private standing(place: number): Uint8Array {
    const { vocabulary: v } = this;
    return v.mask(`standing ${place}`, (id) => v.role[id] === ROLE.word && v.syllables[id]! > 0 && this.prosody.mayStand(v.words[id]!, place));
  }
}

/** Parts that go on with a word: no capitals. */
function isInner(piece: string): boolean {
  return !/^\p{Lu}/u.test(piece);
}
