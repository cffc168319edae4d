/** Steers the text of one line, token by token: its last word, its syllables, its metre, its first letter. */

import type { Constraint, RowControl } from '../engine/types.ts';
import { LineMasks, type TextState, WIDE } from './line-masks.ts';
import { openingsOf } from './openings.ts';
import type { Prosody } from './prosody.ts';
import { ROLE, type Vocabulary } from './vocabulary.ts';
import type { TrieWalk } from './word-trie.ts';
import { isContent } from './words.ts';

/** What a line's text must be like. */
export interface LineSpec {
  /** The words that may end the line, as a walk; undefined: any word may. */
  finals?: TrieWalk;
  /** Syllables of every word in `finals`; needed where `syllables` is given. */
  finalSyllables?: number;
  /** Exact syllables of the line; undefined: as many as come. */
  syllables?: number;
  /** Polysyllables keep their primary stress on even syllables (the first foot may invert). */
  iambic?: boolean;
  /** First letter of the line (acrostic). */
  initial?: string;
  /** Only whole known words, for models that cannot be trusted to spell. */
  strict?: boolean;
  /** Ids that end the line. */
  enders: readonly number[];
  bias?: ReadonlyMap<number, number>;
  /** Tokens that followed a token in earlier lines. */
  pairs: ReadonlyMap<number, ReadonlySet<number>>;
  /** Words of several tokens that are wanted: once begun they are gone on with. */
  lures?: readonly (readonly number[])[];
  /** Text tokens at most. */
  maxTokens: number;
}

const OPEN_WORD = /['’]?\p{L}[\p{L}'’]*$/u;
/** Added to the logits of content words that the line has used. */
const SAID = -2.5;

/** A line whose last word is not given has more words than this inside it. */
const FEWEST_WORDS = 2;
/** A line without a syllable count ends where it gets this long, characters. */
const LONG_LINE = 60;

/** Added to the logits of tokens that followed the last one before. */
const PAIR = -1;
/** Added to the logit of a token that goes on with a wanted word. */
const LURE = 8;

/** A mark comes after this many tokens at least. */
const RUN = 3;

/** The row control of a line's text. `next` is called with the text's tokens so far. */
export class LineControl implements RowControl {
  private readonly vocabulary: Vocabulary;
  private readonly prosody: Prosody;
  private readonly spec: LineSpec;
  private readonly masks: LineMasks;
  private readonly bias: Map<number, number>;
  private passing: [number, number][] = [];
  private text = '';
  private read = 0;
  /** Where the final word began, in tokens; -1 before it. */
  private finalFrom = -1;
  private awaitingFinal = false;
  private opening: TrieWalk | undefined;

  constructor(vocabulary: Vocabulary, prosody: Prosody, spec: LineSpec) {
    this.vocabulary = vocabulary;
    this.prosody = prosody;
    this.spec = spec;
    this.masks = new LineMasks(vocabulary, prosody);
    this.bias = new Map(spec.bias);
  }

  next(soFar: readonly number[]): Constraint {
    for (; this.read < soFar.length; this.read++) this.hear(soFar[this.read]!);
    this.passing = this.passingBias(soFar);
    const last = soFar.at(-1);
    if (last !== undefined && this.spec.enders.includes(last)) return { kind: 'stop' };
    if (soFar.length >= this.spec.maxTokens) return { kind: 'stop' };
    if (soFar.length === 0) return this.begin();
    if (this.finalFrom >= 0) return this.finish(soFar);
    const first = this.opening && this.open(soFar, this.opening);
    if (first) return first;
    return this.spec.syllables === undefined ? this.unmeasured(soFar) : this.measured(soFar, this.spec.syllables);
  }

  /** A draw among `allow`; where that is nothing (tiny vocabularies), the line is given up. */
  private sample(allow: readonly number[] | Uint8Array): Constraint {
    if (allow.length === 0 || (allow instanceof Uint8Array && !allow.includes(1))) return { kind: 'stop' };
    return { kind: 'sample', allow, bias: this.passing.length === 0 ? this.bias : this.withPassing() };
  }

  private withPassing(): Map<number, number> {
    const bias = new Map(this.bias);
    for (const [id, value] of this.passing) bias.set(id, (bias.get(id) ?? 0) + value);
    return bias;
  }

  /** Additions that hold for the next token only: a wanted word goes on, a pair of words is not said again. */
  private passingBias(soFar: readonly number[]): [number, number][] {
    const said = this.spec.pairs.get(soFar.at(-1) ?? -1) ?? [];
    const lured = this.lure(soFar);
    return [...[...said].map((id): [number, number] => [id, PAIR]), ...(lured ? [lured] : [])];
  }

  /** The token that goes on with a wanted word that has begun. */
  private lure(soFar: readonly number[]): [number, number] | undefined {
    for (const word of this.spec.lures ?? []) {
      for (let begun = Math.min(word.length - 1, soFar.length); begun > 0; begun--) {
        const tail = soFar.slice(soFar.length - begun);
        if (tail.every((id, at) => id === word[at])) return [word[begun]!, LURE];
      }
    }
    return undefined;
  }

  /** A content word said in this line is not said in it again. */
  private avoid(id: number): void {
    const { role, pieces } = this.vocabulary;
    if (role[id] === ROLE.word && isContent(pieces[id]!.trim().toLowerCase())) this.bias.set(id, SAID);
  }

  private hear(id: number): void {
    this.text += this.vocabulary.pieces[id];
    this.avoid(id);
  }

  private begin(): Constraint {
    const { syllables, finalSyllables = 1, initial } = this.spec;
    const room = syllables === undefined ? WIDE : Math.min(WIDE, syllables - finalSyllables);
    const mask = this.masks.opening(this.spec, Math.max(1, room));
    if (initial !== undefined) this.opening = openingsOf(this.vocabulary, this.prosody, { initial, room, mask });
    if (this.opening) return this.sample(this.opening.after([]).next);
    return this.sample(mask.includes(1) ? mask : this.masks.opening({ ...this.spec, strict: false }, WIDE));
  }

  /** Inside the line's first word, where that is led down a list of words; undefined after it. */
  private open(soFar: readonly number[], opening: TrieWalk): Constraint | undefined {
    const { next, word } = opening.after(soFar);
    if (word === undefined && next.length > 0) return this.sample(next);
    this.opening = undefined;
    return undefined;
  }

  /** Inside the last word, or after it: marks, then the end. */
  private finish(soFar: readonly number[]): Constraint {
    const final = soFar.slice(this.finalFrom);
    const words = this.spec.finals?.after(final);
    if (words && words.next.length > 0 && words.word === undefined) return this.sample(words.next);
    if (words?.word !== undefined && words.next.length > 0) {
      return this.sample([...words.next, ...this.vocabulary.closing, ...this.spec.enders]);
    }
    const marked = this.vocabulary.role[soFar.at(-1)!] === ROLE.mark;
    return this.sample(marked ? this.spec.enders : [...this.vocabulary.closing, ...this.spec.enders]);
  }

  /** No syllables asked for: the line may end wherever its last word allows it. */
  private unmeasured(soFar: readonly number[]): Constraint {
    const { vocabulary: v, spec } = this;
    if (this.text.length > LONG_LINE) return this.sample([...v.closing, ...spec.enders]);
    const text = this.masks.inside(this.afterMark(soFar));
    if (this.mayEnd(soFar)) return this.sample(withIds(text, [...v.closing, ...spec.enders]));
    return this.sample(text);
  }

  private mayEnd(soFar: readonly number[]): boolean {
    if (!this.spec.finals) return soFar.filter((id) => this.vocabulary.role[id] === ROLE.word).length >= FEWEST_WORDS;
    const word = OPEN_WORD.exec(this.text.replace(/[\s,.;:!?—…]+$/u, ''))?.[0];
    return word !== undefined && this.spec.finals.has(word.toLowerCase());
  }

  private afterMark(soFar: readonly number[]): boolean {
    const last = soFar.at(-1)!;
    return this.vocabulary.role[last] === ROLE.mark && !this.vocabulary.pieces[last]!.includes('—');
  }

  private measured(soFar: readonly number[], target: number): Constraint {
    const { vocabulary: v, spec } = this;
    if (this.awaitingFinal && v.role[soFar.at(-1)!] === ROLE.word) {
      this.finalFrom = soFar.length - 1;
      return this.finish(soFar);
    }
    const count = this.prosody.syllables(this.text);
    const room = target - (spec.finalSyllables ?? 1) - count;
    if (room < 0) return { kind: 'stop' };
    const state = this.stateOfText(soFar);
    this.awaitingFinal = room === 0 && state !== 'cut';
    if (!this.awaitingFinal) return this.sample(this.masks.line(this.spec, { room, count, state }));
    const first = spec.finals?.after([]).next ?? [];
    if (first.length === 0) return { kind: 'stop' };
    return this.sample(state === 'open' ? withIds(this.masks.line(this.spec, { room: 0, count, state: 'cut' }), first) : first);
  }

  /** `cut`: the word must go on; `open`: it may be unfinished; `mark`: after a mark; `short`: soon after; `word`: later. */
  private stateOfText(soFar: readonly number[]): TextState {
    if (/['’-]$/u.test(this.text)) return 'cut';
    if (this.vocabulary.role[soFar.at(-1)!] === ROLE.mark) return 'mark';
    const open = OPEN_WORD.exec(this.text)?.[0];
    if (open !== undefined && !this.prosody.isKnown(open)) return 'open';
    return soFar.slice(-RUN).some((id) => this.vocabulary.role[id] === ROLE.mark) || soFar.length < RUN ? 'short' : 'word';
  }
}

function withIds(mask: Uint8Array, ids: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(mask);
  for (const id of ids) copy[id] = 1;
  return copy;
}
