/** What a dialect does: it knows how a model is spoken to, and nothing of which line is the best. */

import type { LanguageModel, RandomStream, Sampling } from '../engine/types.ts';
import type { LineSlot } from '../poetry/layout.ts';
import type { Emotion } from '../poetry/types.ts';
import type { Prosody } from './prosody.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A line that stands in the poem. */
export interface WrittenLine {
  slot: LineSlot;
  text: string;
}

/** The poem so far, as a prompt sees it. */
export interface PoemSoFar {
  emotion: Emotion;
  /** A title that the caller gave, or one made of the theme. */
  title?: string;
  theme?: string;
  lines: readonly WrittenLine[];
}

/** What is asked of the next line. */
export interface LineWish {
  slot: LineSlot;
  /** Words that may end the line; undefined: any. */
  words?: readonly string[];
  /** Added to the logits of text tokens. */
  bias: ReadonlyMap<number, number>;
  /** Tokens that followed a token in earlier lines. */
  pairs: ReadonlyMap<number, ReadonlySet<number>>;
  /** Words of several tokens that are wanted. */
  lures: readonly (readonly number[])[];
  /** Only whole known words. */
  strict: boolean;
  sampling: Sampling;
  /** One stream a candidate. */
  streams: readonly RandomStream[];
}

/** A candidate line as it came from the model. */
export interface Draft {
  text: string;
  /** Natural log of the model's probability of each text token. */
  logProbs: number[];
  /** Natural log of the probability of the planned end word; 0 without a plan. */
  planLogProb: number;
  /** The word that the line was to end in. */
  planned?: string;
  /** The model (or the control) closed the line; false: it was cut. */
  ended: boolean;
}

export interface TitleWish {
  /** Further titles to be weighed beside the model's own, where the dialect weighs them. */
  phrases: readonly string[];
  bias: ReadonlyMap<number, number>;
  sampling: Sampling;
  /** One stream a title. */
  streams: readonly RandomStream[];
}

export interface TitleDraft {
  text: string;
  /** Mean natural log of the probability of its tokens after the poem. */
  score: number;
  /** How much likelier the poem makes the title than no poem does, in nats over all its tokens; 0 where it is not known. */
  gain: number;
}

/** What every dialect is made from. */
export interface DialectParts {
  model: LanguageModel;
  vocabulary: Vocabulary;
  prosody: Prosody;
}

export interface Dialect {
  readonly name: 'plan' | 'plain';
  /** Candidates of one line, decoded as one batch. @throws VerseletError of the model. */
  lines(poem: PoemSoFar, wish: LineWish, signal?: AbortSignal): Promise<Draft[]>;
  /** Titles for a finished poem: one a stream, and the wish's phrases. */
  titles(poem: PoemSoFar, wish: TitleWish, signal?: AbortSignal): Promise<TitleDraft[]>;
}

/** Tokens that one line's text may cost. */
export const LINE_TOKENS = 28;

export function mean(values: readonly number[]): number {
  return values.length === 0 ? -Infinity : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Lines without the oldest ones, for a full context. At least one goes: a whole stanza where another one follows, else half of the only one. */
export function withoutFirstStanza(lines: readonly WrittenLine[]): readonly WrittenLine[] {
  const next = lines.findIndex((line) => line.slot.stanza !== lines[0]!.slot.stanza);
  return lines.slice(next > 0 ? next : Math.max(1, Math.ceil(lines.length / 2)));
}
