/** Writes one line after another: asks the dialect for candidates, judges them, keeps the best. */

import { randomStream } from '../engine/random.ts';
import type { Sampling } from '../engine/types.ts';
import { throwIfAborted } from '../errors.ts';
import type { Layout, LineSlot } from '../poetry/layout.ts';
import type { ParsedRequest } from '../poetry/types.ts';
import { judge, type Judged, type Judge, wordsIn } from './candidates.ts';
import { type Draft, type LineWish, mean, type PoemSoFar, type WrittenLine } from './dialect.ts';
import { biasFor, contentWords } from './leaning.ts';
import { RhymeBook } from './rhyme-book.ts';
import type { Studio } from './studio.ts';

/** Batches of candidates for one line at most. */
const ROUNDS = 3;
/** Each further batch is drawn this much hotter. */
const HEAT = 0.08;
/** Candidates of a line where the request names no number. */
const CANDIDATES = { form: 8, free: 4 } as const;
/** Streams for titles lie beyond every line's index. */
const TITLE_STREAM = 1000;
const TITLES = 4;

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

  constructor(options: WriterOptions) {
    this.options = options;
    const { studio, request, layout } = options;
    const free = request.form === 'free';
    this.book = new RhymeBook(studio.prosody, layout.slots, { near: request.rhyme === 'near', free });
    this.theme = new Set(contentWords(request.theme ?? ''));
  }

  /** Puts a finished line into the poem: written, locked, repeated or resumed. */
  accept(slot: LineSlot, text: string): void {
    this.lines.push({ slot, text });
    this.book.take(slot, text);
    for (const word of wordsIn(text)) this.theme.delete(word);
  }

  /** The best line for the slot. @throws VerseletError `aborted`, or what the model throws. */
  async write(slot: LineSlot): Promise<string> {
    const best = await this.search(slot);
    this.logProbs.push(...best.draft.logProbs);
    return best.text;
  }

  private async search(slot: LineSlot): Promise<Judged> {
    let best: Judged | undefined;
    const tried = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const judged of await this.round(slot, round, tried)) {
        if (judged.abusive) this.filtered++;
        if (best === undefined || better(judged, best)) best = judged;
      }
      if (best?.fits && !best.abusive) break;
    }
    return best!;
  }

  /** One batch of candidates, judged. `tried` collects the end words of drafts, so that a later round takes others. */
  async round(slot: LineSlot, round: number, tried: Set<string>): Promise<Judged[]> {
    throwIfAborted(this.options.signal);
    const { studio, signal } = this.options;
    const allowed = this.book.wordsFor(slot);
    const words = allowed.filter((word) => !tried.has(word));
    const wish = this.wish(slot, round, words.length > 0 ? words : allowed);
    const drafts = await studio.dialect.lines(this.poem(slot), wish, signal);
    for (const draft of drafts) if (draft.planned !== undefined) tried.add(draft.planned);
    const by = this.judge(slot);
    return distinct(drafts).map((draft) => judge(draft, studio.clean(draft.text, this.isLast(slot)), by));
  }

  private isLast(slot: LineSlot): boolean {
    return slot.index === this.options.layout.slots.length - 1;
  }

  private wish(slot: LineSlot, round: number, words: readonly string[]): LineWish {
    const { studio, request, layout } = this.options;
    const count = request.candidates ?? (request.form === 'free' ? CANDIDATES.free : CANDIDATES.form);
    const bias = biasFor(studio.vocabulary, {
      lines: this.lines.map((line) => line.text),
      theme: this.theme,
      progress: slot.index / layout.slots.length,
      emotion: studio.dialect.name === 'plain' ? studio.emotionWords(slot.emotion) : new Map(),
    });
    return {
      slot,
      words,
      bias,
      strict: studio.dialect.name === 'plain' || round === ROUNDS - 1,
      sampling: samplingOf(request, round),
      streams: Array.from({ length: count }, (_, at) => randomStream(request.seed, slot.index, round, at)),
    };
  }

  private judge(slot: LineSlot): Judge {
    const { studio, request } = this.options;
    return {
      prosody: studio.prosody,
      slot,
      partners: this.book.partners(slot),
      near: request.rhyme === 'near',
      earlier: this.lines.map((line) => line.text),
      theme: this.theme,
      emotion: studio.emotionWords(slot.emotion),
      copiedWords: (text) => studio.copiedWords(text),
      abusive: (text) => studio.abusive(text),
    };
  }

  /** The poem as a prompt for `slot` shows it. */
  poem(slot: LineSlot): PoemSoFar {
    const { request, studio } = this.options;
    return {
      emotion: slot.emotion,
      title: request.title ?? (request.theme === undefined ? undefined : studio.titleCase(request.theme)),
      theme: request.theme,
      lines: this.lines,
    };
  }

  /** A title that the model wrote for the finished poem, or undefined where none will do. */
  async title(): Promise<string | undefined> {
    const { studio, request, signal } = this.options;
    const streams = Array.from({ length: TITLES }, (_, at) => randomStream(request.seed, TITLE_STREAM, at));
    const drafts = await studio.dialect.titles(this.poem(this.lines.at(-1)!.slot), streams, signal);
    const texts = this.lines.map((line) => line.text);
    const titles = drafts
      .map((draft) => ({ title: studio.acceptTitle(draft.text, texts), score: draft.score }))
      .filter((draft): draft is { title: string; score: number } => draft.title !== undefined);
    return titles.sort((a, b) => b.score - a.score)[0]?.title;
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
  return { temperature: temperature * (1 + HEAT * round), topK, topP, minP, repetitionPenalty: 1 };
}
