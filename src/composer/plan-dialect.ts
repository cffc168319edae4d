/**
 * The dialect of models trained to plan: emotion token, optional title, and before each line its syllables and end word.
 * `<|poem|><|EMOTION|>[<|title|>Title]<|line|><|sN|> endword<|plan|>text<|line|>...<|end-poem|><|title|>Title<|endoftext|>`
 */

import { randomStream } from '../engine/random.ts';
import type { Constraint, DecodedRow, DecodeRow, RowControl, Sampling } from '../engine/types.ts';
import { VerseletError } from '../errors.ts';
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
import { LineControl, type LineSpec } from './line-control.ts';
import { TitleControl } from './title-control.ts';
import { TrieWalk, WordTokens } from './word-trie.ts';

/** Syllable tokens go from 1 to this. */
const MOST_SYLLABLES = 20;
/** Syllables that the model may choose where the form leaves them to it. */
const FREE_SYLLABLES = [4, 12] as const;
/** Tokens of the plan before a line's text: count, end word, mark. */
const PLAN_TOKENS = 8;
const TITLE_TOKENS = 14;
/** Lines whose tokens are remembered: more than a poem has. */
const MOST_ENCODED = 256;
/** End words are drawn hotter than text: their distribution is narrow, and every candidate needs its own. */
const END_WORD_HEAT = 1.15;
const END_WORD_TOP_P = 0.93;

/** Ids of the structure tokens. */
interface Marks {
  poem: number;
  title: number;
  line: number;
  plan: number;
  stanza: number;
  endPoem: number;
  endOfText: number;
}

export class PlanDialect implements Dialect {
  readonly name = 'plan';
  private readonly parts: DialectParts;
  private readonly marks: Marks;
  private readonly words: WordTokens;
  private readonly encoded = new Map<string, number[]>();

  /** @throws VerseletError `unsupported-model` when the tokenizer lacks the dialect's tokens. */
  constructor(parts: DialectParts) {
    this.parts = parts;
    const id = (spelling: string): number => this.special(spelling);
    this.marks = {
      poem: id('<|poem|>'),
      title: id('<|title|>'),
      line: id('<|line|>'),
      plan: id('<|plan|>'),
      stanza: id('<|stanza|>'),
      endPoem: id('<|end-poem|>'),
      endOfText: id('<|endoftext|>'),
    };
    this.words = new WordTokens(parts.model.tokenizer);
  }

  private special(spelling: string): number {
    const id = this.parts.model.tokenizer.special(spelling);
    if (id === undefined) {
      throw new VerseletError('unsupported-model', `The model's tokenizer lacks the token ${spelling} of its dialect.`);
    }
    return id;
  }

  private syllableToken(count: number): number {
    return this.special(`<|s${Math.max(1, Math.min(MOST_SYLLABLES, count))}|>`);
  }

  async lines(poem: PoemSoFar, wish: LineWish, signal?: AbortSignal): Promise<Draft[]> {
    const { slot } = wish;
    const opening = [this.marks.line];
    if (poem.lines.length > 0 && poem.lines.at(-1)!.slot.stanza !== slot.stanza) opening.unshift(this.marks.stanza);
    if (slot.syllables !== undefined) opening.push(this.syllableToken(slot.syllables));
    const prefix = [...this.prompt(poem, opening.length + PLAN_TOKENS + LINE_TOKENS), ...opening];
    const walk = this.words.walk(wish.words ?? this.parts.prosody.endWords.map((entry) => entry.word));
    const controls = wish.streams.map(() => new PlanRow(this, this.parts, this.marks, walk, wish));
    const rows = controls.map((control, at) => ({
      control,
      random: wish.streams[at]!,
      sampling: wish.sampling,
      maxTokens: PLAN_TOKENS + LINE_TOKENS,
    }));
    const decoded = await this.parts.model.decode({ prefix, rows }, signal);
    return decoded.map((row, at) => this.draft(row, controls[at]!));
  }

  private draft(row: DecodedRow, control: PlanRow): Draft {
    const from = control.textFrom < 0 ? row.tokens.length : control.textFrom;
    const enders = this.enders();
    const tokens = row.tokens.slice(from);
    const ended = tokens.length > 0 && enders.includes(tokens.at(-1)!);
    const text = ended ? tokens.slice(0, -1) : tokens;
    return {
      text: this.parts.model.tokenizer.decode(text).trim(),
      logProbs: row.logProbs.slice(from, from + text.length),
      planLogProb: sum(row.logProbs.slice(control.counted, from)),
      planned: control.planned,
      ended,
    };
  }

  /** Whatever follows a line ends it. */
  enders(): number[] {
    return [this.marks.line, this.marks.stanza, this.marks.endPoem];
  }

  async titles(poem: PoemSoFar, wish: TitleWish, signal?: AbortSignal): Promise<TitleDraft[]> {
    const { marks, parts } = this;
    const prefix = [...this.prompt({ ...poem, title: undefined }, TITLE_TOKENS + 2), marks.endPoem, marks.title];
    const rows = wish.streams.map((random) => ({
      control: new TitleControl(parts.vocabulary, [marks.endOfText], TITLE_TOKENS - 2, wish.bias),
      random,
      sampling: wish.sampling,
      maxTokens: TITLE_TOKENS,
    }));
    const decoded = await parts.model.decode({ prefix, rows }, signal);
    const { tokenizer } = parts.model;
    const written = decoded.filter((row) => row.tokens.at(-1) === marks.endOfText).map((row) => tokenizer.decode(row.tokens).trim());
    const all = [...new Set([...written, ...wish.phrases])].map((text) => ({ text, ids: tokenizer.encode(text) }));
    const titles = all.filter(({ ids }) => ids.length < TITLE_TOKENS);
    const bare = [marks.poem, this.special(`<|${poem.emotion}|>`), marks.title];
    // A title stands before a poem or behind it: what ends it differs.
    const after = await this.odds(prefix, titles.map(({ ids }) => [...ids, marks.endOfText]), signal);
    const alone = await this.odds(bare, titles.map(({ ids }) => [...ids, marks.line]), signal);
    return titles.map(({ text }, at) => ({ text, score: mean(after[at]!), gain: sum(after[at]!) - sum(alone[at]!) }));
  }

  /** Natural logs of the probabilities of each text's tokens after `prefix`. */
  private async odds(prefix: readonly number[], texts: readonly (readonly number[])[], signal?: AbortSignal): Promise<number[][]> {
    const decoded = await this.parts.model.decode({ prefix, rows: texts.map(forcedRow) }, signal);
    return decoded.map((row) => row.logProbs);
  }

  /** The poem as the model reads it; whole stanzas are dropped from its start until `reserve` tokens have room. */
  private prompt(poem: PoemSoFar, reserve: number): number[] {
    const { marks } = this;
    const head = [marks.poem, this.special(`<|${poem.emotion}|>`)];
    if (poem.title) head.push(marks.title, ...this.parts.model.tokenizer.encode(poem.title).slice(0, TITLE_TOKENS));
    const room = this.parts.model.context - head.length - reserve;
    let lines = poem.lines;
    let body = this.body(lines);
    while (body.length > room && lines.length > 0) {
      lines = withoutFirstStanza(lines);
      body = this.body(lines);
    }
    return [...head, ...body];
  }

  private body(lines: readonly WrittenLine[]): number[] {
    return lines.flatMap((line, at) => {
      const broken = at > 0 && lines[at - 1]!.slot.stanza !== line.slot.stanza;
      return [...(broken ? [this.marks.stanza] : []), this.marks.line, ...this.planned(line.text)];
    });
  }

  /** A written line with its plan. */
  private planned(text: string): number[] {
    let ids = this.encoded.get(text);
    if (!ids) {
      const { prosody, model } = this.parts;
      const straight = text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replace(/…/g, '...');
      ids = [
        this.syllableToken(prosody.syllables(straight)),
        ...model.tokenizer.encode(` ${prosody.endWord(straight) || 'o'}`),
        this.marks.plan,
        ...model.tokenizer.encode(straight),
      ];
      if (this.encoded.size >= MOST_ENCODED) this.encoded.clear();
      this.encoded.set(text, ids);
    }
    return ids;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A row that says just these tokens: for their probabilities. */
function forcedRow(tokens: readonly number[]): DecodeRow {
  return {
    control: { next: (soFar) => (soFar.length === 0 ? { kind: 'force', tokens } : { kind: 'stop' }) },
    random: randomStream(0),
    sampling: { temperature: 1, topK: 1, topP: 1, minP: 0, repetitionPenalty: 1 },
    maxTokens: tokens.length,
  };
}

/** One candidate: syllables (where free), end word down the trie, then the text. */
class PlanRow implements RowControl {
  planned: string | undefined;
  /** Where the text begins in the row's tokens; -1 before it. */
  textFrom = -1;
  private readonly dialect: PlanDialect;
  private readonly parts: DialectParts;
  private readonly marks: Marks;
  private readonly walk: TrieWalk;
  private readonly wish: LineWish;
  private line: LineControl | undefined;

  constructor(dialect: PlanDialect, parts: DialectParts, marks: Marks, walk: TrieWalk, wish: LineWish) {
    this.dialect = dialect;
    this.parts = parts;
    this.marks = marks;
    this.walk = walk;
    this.wish = wish;
  }

  next(soFar: readonly number[]): Constraint {
    if (this.line) return this.line.next(soFar.slice(this.textFrom));
    const { counted } = this;
    if (soFar.length < counted) return this.count();
    if (soFar.at(-1) === this.marks.plan) return this.begin(soFar);
    const { next, word } = this.walk.after(soFar.slice(counted));
    if (word !== undefined) this.planned = word;
    const allow = word === undefined ? next : [...next, this.marks.plan];
    if (allow.length === 0) return { kind: 'stop' };
    if (allow.length === 1) return { kind: 'force', tokens: allow };
    return { kind: 'sample', allow, sampling: this.endWordSampling() };
  }

  private endWordSampling(): Partial<Sampling> {
    const { topK, temperature } = this.wish.sampling;
    if (topK === 1) return { topK: 1 };
    return { temperature: temperature * END_WORD_HEAT, topK: 0, topP: END_WORD_TOP_P, minP: 0 };
  }

  /** Tokens before the end word. */
  get counted(): number {
    return this.wish.slot.syllables === undefined ? 1 : 0;
  }

  private count(): Constraint {
    const allow: number[] = [];
    for (let n = FREE_SYLLABLES[0]; n <= FREE_SYLLABLES[1]; n++) {
      const id = this.parts.model.tokenizer.special(`<|s${n}|>`);
      if (id !== undefined) allow.push(id);
    }
    return { kind: 'sample', allow };
  }

  private begin(soFar: readonly number[]): Constraint {
    this.textFrom = soFar.length;
    const { slot, strict, bias, pairs, lures } = this.wish;
    const word = this.planned!;
    const spec: LineSpec = {
      finals: this.spellings(word),
      finalSyllables: this.parts.prosody.syllables(word),
      syllables: slot.syllables,
      iambic: slot.metre === 'iambic',
      initial: slot.acrostic,
      strict,
      enders: this.dialect.enders(),
      bias,
      pairs,
      lures,
      maxTokens: LINE_TOKENS,
    };
    this.line = new LineControl(this.parts.vocabulary, this.parts.prosody, spec);
    return this.line.next([]);
  }

  /** The word as it may stand in the text: with a small or a capital letter. */
  private spellings(word: string): TrieWalk {
    const capital = word[0]!.toUpperCase() + word.slice(1);
    const forms = word === 'i' ? [capital] : [word, capital];
    return new TrieWalk(
      forms.map(() => word),
      forms.map((form) => this.parts.model.tokenizer.encode(` ${form}`)),
    );
  }
}
