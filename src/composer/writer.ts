/** Writes one line after another: asks the dialect for candidates, judges them, keeps the best. */

import { randomStream } from '../engine/random.ts';
import type { Sampling } from '../engine/types.ts';
import { throwIfAborted } from '../errors.ts';
import type { Layout, LineSlot } from '../poetry/layout.ts';
import { cleanLine, closeLine } from '../poetry/punctuation.ts';
import { titleCase } from '../poetry/titles.ts';
import { abuseIn } from '../poetry/word-filter.ts';
import type { ParsedRequest } from '../poetry/types.ts';
import { judge, type Judge, type Judged } from './candidates.ts';
import { type Draft, type LineWish, mean, type PoemSoFar, type WrittenLine } from './dialect.ts';
import { Leaning, spellings } from './leaning.ts';
import { RhymeBook } from './rhyme-book.ts';
import type { Studio } from './studio.ts';
import { contentWords, wordsIn } from './words.ts';

/** Batches of candidates for one line at most. */
const ROUNDS = 3;
/** Batches at most where the word filter refuses all that comes. */
const PATIENCE = 8;
/** Rounds from here on are those of alternatives: their streams are apart from those that wrote the poem. */
export const ALTERNATIVES = 100;
/** Each further batch is drawn this much hotter. */
const HEAT = 0.08;
/** Candidates of a line where the request names no number. */
const CANDIDATES = { form: 8, free: 4 } as const;
/** From here on a theme word is asked for at the line's end, where it fits. */
const THEME_AT_END = 0.25;
/** Words of a theme that are asked for. */
const THEME_WORDS = 8;
/** A theme given to the model as a title has at most this many words. */
const HINT_WORDS = 8;

export interface WriterOptions {
  studio: Studio;
  request: ParsedRequest;
  layout: Layout;
  signal?: AbortSignal;
}

/** The state of one poem being written. */
export class Writer {
  readonly lines: WrittenLine[] = [];
  /** Log-probabilities of the text tokens of the lines that the model wrote. */
  readonly logProbs: number[] = [];
  filtered = 0;
  private readonly options: WriterOptions;
  private readonly book: RhymeBook;
  private readonly theme: Set<string>;
  private readonly leaning: Leaning;

  constructor(options: WriterOptions) {
    this.options = options;
    const { studio, request, layout } = options;
    const free = request.form === 'free';
    this.book = new RhymeBook(studio.prosody, layout.slots, { near: request.rhyme === 'near', free });
    this.leaning = new Leaning(studio.vocabulary);
    this.theme = new Set(contentWords(request.theme ?? '').slice(0, THEME_WORDS));
  }

  /** Puts a finished line into the poem: written, locked, repeated or resumed. */
  accept(slot: LineSlot, text: string): void {
    this.lines.push({ slot, text });
    this.book.take(slot, text);
    this.leaning.hear(text);
    for (const word of wordsIn(text)) this.theme.delete(word);
  }

  /** Text tokens written so far. */
  get tokens(): number {
    return this.logProbs.length;
  }

  /** The best line for the slot. @throws VerseletError `aborted`, or what the model throws. */
  async write(slot: LineSlot): Promise<string> {
    let best: Judged | undefined;
    const tried = new Set<string>();
    for (let round = 0; round < ROUNDS || (best!.abusive && round < PATIENCE); round++) {
      for (const judged of await this.round(slot, round, tried)) {
        if (judged.abusive) this.filtered++;
        if (best === undefined || better(judged, best)) best = judged;
      }
      if (best && !best.abusive && (this.plain || (best.fits && best.tidy))) break;
    }
    this.logProbs.push(...best!.draft.logProbs);
    return best!.text;
  }

  /**
   * One batch of candidates, judged. `tried` collects the end words of drafts, so that a later round takes others.
   * @param others lines of the poem after this one, for repetition.
   */
  async round(slot: LineSlot, round: number, tried: Set<string>, others: readonly string[] = []): Promise<Judged[]> {
    throwIfAborted(this.options.signal);
    const { studio, signal } = this.options;
    const wish = this.wish(slot, round, tried);
    const drafts = await studio.dialect.lines(this.poem(slot), wish, signal);
    for (const draft of drafts) if (draft.planned !== undefined) tried.add(draft.planned);
    const by = this.judge(slot, others);
    return distinct(drafts).map((draft) => judge(draft, this.clean(draft.text, slot), by));
  }

  /** AutoCompose's way: one free sample, nothing chosen and nothing steered. */
  private get plain(): boolean {
    return this.options.request.preset === 'autocompose';
  }

  private clean(text: string, slot: LineSlot): string {
    const line = cleanLine(text, { capital: true });
    return slot.index === this.options.layout.slots.length - 1 ? closeLine(line, true) : line;
  }

  private progress(slot: LineSlot): number {
    return slot.index / this.options.layout.slots.length;
  }

  /** Words that may end the line: without those tried in vain, and a theme word where it is time for one. */
  private endWords(slot: LineSlot, round: number, tried: ReadonlySet<string>): readonly string[] {
    const allowed = this.book.wordsFor(slot);
    const themed = allowed.filter((word) => this.theme.has(word));
    if (round === 0 && themed.length > 0 && this.progress(slot) >= THEME_AT_END) return themed;
    const fresh = allowed.filter((word) => !tried.has(word));
    return fresh.length > 0 ? fresh : allowed;
  }

  private wish(slot: LineSlot, round: number, tried: ReadonlySet<string>): LineWish {
    const { studio, request } = this.options;
    const count = request.candidates ?? (request.form === 'free' ? CANDIDATES.free : CANDIDATES.form);
    const streams = (rows: number) => Array.from({ length: rows }, (_, at) => randomStream(request.seed, slot.index, round, at));
    if (this.plain) return { slot, bias: new Map(), pairs: new Map(), lures: [], strict: false, sampling: sampleOf(request), streams: streams(count) };
    return {
      slot,
      words: this.endWords(slot, round, tried),
      bias: this.leaning.bias(this.theme, this.progress(slot), studio.emotionWords(slot.emotion)),
      pairs: this.leaning.pairs,
      lures: spellings(studio.vocabulary, this.theme).filter((tokens) => tokens.length > 1),
      strict: studio.dialect.name === 'plain' || round % ROUNDS === ROUNDS - 1,
      sampling: samplingOf(request, round),
      streams: streams(count),
    };
  }

  private judge(slot: LineSlot, others: readonly string[]): Judge {
    const { studio, request } = this.options;
    return {
      prosody: studio.prosody,
      slot,
      partners: this.book.partners(slot),
      near: request.rhyme === 'near',
      earlier: [...this.lines.map((line) => line.text), ...others],
      theme: this.theme,
      emotion: studio.emotionWords(slot.emotion),
      copiedWords: (text) => studio.copiedWords(text),
      abusive: (text) => abuseIn(text).length > 0,
    };
  }

  /** The poem as a prompt for `slot` shows it. */
  poem(slot: LineSlot): PoemSoFar {
    const { title, theme } = this.options.request;
    const hint = theme && titleCase(theme.split(/\s+/).slice(0, HINT_WORDS).join(' '));
    return { emotion: slot.emotion, title: title ?? hint, theme, lines: this.lines };
  }

  /** Mean negative log-likelihood of the written text, in nats a token; 0 where nothing was written. */
  nllPerToken(): number {
    return this.logProbs.length === 0 ? 0 : -mean(this.logProbs);
  }
}

function better(a: Judged, b: Judged): boolean {
  if (a.abusive !== b.abusive) return !a.abusive;
  if (a.fits !== b.fits) return a.fits;
  return a.score > b.score;
}

function distinct(drafts: readonly Draft[]): Draft[] {
  const seen = new Set<string>();
  return drafts.filter((draft) => !seen.has(draft.text) && seen.add(draft.text));
}

function samplingOf(request: ParsedRequest, round: number): Sampling {
  const { temperature = 0.8, topK = 40, topP = 0.95, minP = 0 } = request;
  // What greedy decoding gives once it gives again; past the usual rounds something else is wanted.
  return { temperature: temperature * (1 + HEAT * (round % ALTERNATIVES)), topK: round < ROUNDS || topK !== 1 ? topK : 40, topP, minP, repetitionPenalty: 1 };
}

/** What the preset samples with; its top-k and top-p are in the request. */
function sampleOf(request: ParsedRequest): Sampling {
  return { ...samplingOf(request, 0), temperature: request.temperature ?? 1 };
}
