/**
 * The dialect of every other GPT-2: the poem is text, a line break ends a line. What the model was not taught, the control
 * does: it counts syllables, keeps the metre and leads the line's end into the rhyme set.
 */

import type { DecodedRow } from '../engine/types.ts';
import {
  type Dialect,
  type DialectParts,
  type Draft,
  LINE_TOKENS,
  type LineWish,
  mean,
  type PoemSoFar,
  type TitleDraft,
  type TitleWish,
  withoutFirstStanza,
  type WrittenLine,
} from './dialect.ts';
import { LineControl } from './line-control.ts';
import { preamble, TITLE_CUE } from './plain-prompt.ts';
import { TitleControl } from './title-control.ts';
import { type TrieWalk, WordTokens } from './word-trie.ts';

/** Examples may take this share of the context. */
const EXAMPLES_SHARE = 0.35;
const TITLE_TOKENS = 12;
/** Syllables of the last word, by candidate: variety costs nothing. */
const FINAL_SYLLABLES = [1, 1, 2] as const;

export class PlainDialect implements Dialect {
  readonly name = 'plain';
  private readonly parts: DialectParts;
  private readonly startToken: string | undefined;
  private readonly words: WordTokens;
  private readonly syllables: ReadonlyMap<string, number>;
  private readonly lineEnds: readonly number[];
  private readonly titleEnds: readonly number[];

  /** @param startToken what a fine-tune's poems start with; without it a stock model is shown examples. */
  constructor(parts: DialectParts, startToken?: string) {
    this.parts = parts;
    this.startToken = startToken;
    const { endWords } = parts.prosody;
    this.words = new WordTokens(parts.model.tokenizer);
    this.syllables = new Map(endWords.map((entry) => [entry.word, entry.syllables]));
    const pieces = parts.vocabulary.pieces;
    const ends = (test: RegExp): number[] => [...pieces.keys()].filter((id) => test.test(pieces[id]!));
    const endOfText = parts.model.tokenizer.special('<|endoftext|>');
    const stop = endOfText === undefined ? [] : [endOfText];
    this.lineEnds = [...ends(/^\n+$/), ...stop];
    this.titleEnds = [...ends(/^(?:\n+|[.,!?]?["”].*)$/), ...stop];
  }

  async lines(poem: PoemSoFar, wish: LineWish, signal?: AbortSignal): Promise<Draft[]> {
    const { model } = this.parts;
    const prefix = this.prompt(poem, LINE_TOKENS + 2, wish.slot.stanza);
    const rows = wish.streams.map((random, at) => ({
      control: this.control(wish, at),
      random,
      sampling: wish.sampling,
      maxTokens: LINE_TOKENS + 1,
    }));
    const decoded = await model.decode({ prefix, rows }, signal);
    return decoded.map((row) => this.draft(row));
  }

  private control(wish: LineWish, candidate: number): LineControl {
    const { slot, strict, bias, pairs, lures } = wish;
    const ends = this.finals(wish, candidate);
    return new LineControl(this.parts.vocabulary, this.parts.prosody, {
      ...ends,
      syllables: slot.syllables,
      iambic: slot.metre === 'iambic',
      initial: slot.acrostic,
      strict: strict && slot.syllables !== undefined,
      enders: this.lineEnds,
      bias,
      pairs,
      lures,
      maxTokens: LINE_TOKENS,
    });
  }

  /** The words that may end this candidate: those of one length, so that the control knows when to lead into them. */
  private finals({ slot, words }: LineWish, candidate: number): { finals?: TrieWalk; finalSyllables?: number } {
    if (slot.syllables === undefined || words === undefined) return {};
    const first = FINAL_SYLLABLES[candidate % FINAL_SYLLABLES.length]!;
    for (const length of [first, 1, 2, 3, 4]) {
      const fitting = words.filter((word) => this.syllables.get(word) === length);
      if (fitting.length > 0) return { finals: this.words.walk(fitting), finalSyllables: length };
    }
    return {};
  }

  private draft(row: DecodedRow): Draft {
    const ended = this.lineEnds.includes(row.tokens.at(-1) ?? -1);
    const text = ended ? row.tokens.slice(0, -1) : row.tokens;
    return {
      text: this.parts.model.tokenizer.decode(text).trim(),
      logProbs: row.logProbs.slice(0, text.length),
      planLogProb: 0,
      ended,
    };
  }

  async titles(poem: PoemSoFar, wish: TitleWish, signal?: AbortSignal): Promise<TitleDraft[]> {
    // A fine-tune knows poems and nothing else: asked for a title it would go on with verse.
    if (this.startToken !== undefined || poem.lines.length === 0) return [];
    const { model, vocabulary } = this.parts;
    const cue = model.tokenizer.encode(TITLE_CUE);
    const prefix = [...this.prompt(poem, TITLE_TOKENS + cue.length + 2, poem.lines.at(-1)!.slot.stanza), ...cue];
    const rows = wish.streams.map((random) => ({
      control: new TitleControl(vocabulary, this.titleEnds, TITLE_TOKENS - 2, wish.bias),
      random,
      sampling: wish.sampling,
      maxTokens: TITLE_TOKENS,
    }));
    const decoded = await model.decode({ prefix, rows }, signal);
    return decoded.map((row) => ({
      text: model.tokenizer.decode(row.tokens.filter((token) => !this.titleEnds.includes(token))).trim(),
      score: mean(row.logProbs),
      gain: 0,
    }));
  }

  /** Head and poem, ending where the next line (of stanza `stanza`) starts. */
  private prompt(poem: PoemSoFar, reserve: number, stanza: number): number[] {
    const { tokenizer, context } = this.parts.model;
    const head = this.head(poem);
    let lines = poem.lines;
    let body = tokenizer.encode(textOf(lines, stanza));
    while (head.length + body.length + reserve > context && lines.length > 0) {
      lines = withoutFirstStanza(lines);
      body = tokenizer.encode(textOf(lines, stanza));
    }
    return [...head, ...body];
  }

  private head(poem: PoemSoFar): number[] {
    const { tokenizer, context } = this.parts.model;
    if (this.startToken !== undefined) {
      const id = tokenizer.special(this.startToken);
      return id === undefined ? tokenizer.encode(this.startToken) : [id];
    }
    for (const examples of [2, 1]) {
      const ids = tokenizer.encode(preamble(poem, examples));
      if (ids.length < context * EXAMPLES_SHARE) return ids;
    }
    return tokenizer.encode(preamble(poem, 0)).slice(-Math.floor(context * EXAMPLES_SHARE));
  }
}

function textOf(lines: readonly WrittenLine[], stanza: number): string {
  return lines
    .map((line, at) => {
      const next = lines[at + 1]?.slot.stanza ?? stanza;
      return `${line.text}${next === line.slot.stanza ? '\n' : '\n\n'}`;
    })
    .join('');
}
