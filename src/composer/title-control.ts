/** Keeps a title to plain text of a few words. */

import type { Constraint, RowControl } from '../engine/types.ts';
import { ROLE, type Vocabulary } from './vocabulary.ts';

/** Titles have at most this many words. */
const MOST_WORDS = 7;

export class TitleControl implements RowControl {
  private readonly vocabulary: Vocabulary;
  private readonly enders: readonly number[];
  private readonly maxTokens: number;
  private readonly bias: ReadonlyMap<number, number>;

  /** @param enders ids that end the title. */
  constructor(vocabulary: Vocabulary, enders: readonly number[], maxTokens: number, bias: ReadonlyMap<number, number>) {
    this.bias = bias;
    this.vocabulary = vocabulary;
    this.enders = enders;
    this.maxTokens = maxTokens;
  }

  next(soFar: readonly number[]): Constraint {
    const { vocabulary: v } = this;
    const last = soFar.at(-1);
    if (last === undefined) {
      const capital = v.mask('title', (id) => v.role[id] === ROLE.part && /^\p{Lu}/u.test(v.pieces[id]!));
      return capital.includes(1) ? { kind: 'sample', allow: capital, bias: this.bias } : { kind: 'stop' };
    }
    if (this.enders.includes(last)) return { kind: 'stop' };
    const words = soFar.filter((id) => v.role[id] === ROLE.word).length;
    if (soFar.length >= this.maxTokens || words >= MOST_WORDS) return { kind: 'stop' };
    const inside = v.mask('title text', (id) => v.role[id] === ROLE.word || v.role[id] === ROLE.part);
    const allow = Uint8Array.from(inside);
    for (const id of this.enders) allow[id] = 1;
    return { kind: 'sample', allow, bias: this.bias };
  }
}
