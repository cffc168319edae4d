/** One row of a decode job between two steps: what it said, what of that is computed, and what comes next. */

import { VerseletError } from '../errors.ts';
import { logProbOf } from './log-probs.ts';
import { checkSampling } from './sampler.ts';
import type { Sampler } from './sampler.ts';
import type { Constraint, DecodedRow, DecodeRow, LogitQuery, LogitSummary, Sampling } from './types.ts';

type Sample = Extract<Constraint, { kind: 'sample' }>;

/** Tokens asked of a device beyond top-k. */
const SPARE = 8;

export interface RowLimits {
  vocab: number;
  /** Tokens that fit behind the prefix. */
  room: number;
}

/** Lives through one decode. */
export class RowState {
  /** Decided tokens; the first `fed` of them are in the cache. */
  readonly tokens: number[] = [];
  readonly logProbs: number[] = [];
  fed = 0;
  #stopped: DecodedRow['stopped'] | undefined;
  /** What the control said about the token after `tokens`, where it is known and needs logits. */
  #awaiting: Sample | undefined;
  #seen: Uint8Array | undefined;
  readonly #row: DecodeRow;
  readonly #limits: RowLimits;
  readonly #prefix: readonly number[];

  constructor(row: DecodeRow, prefix: readonly number[], limits: RowLimits) {
    checkSampling(row.sampling);
    this.#row = row;
    this.#limits = limits;
    this.#prefix = prefix;
    this.#ask();
  }

  /**
   * What {@link RowState.take} will ask of the logits that decide or score token `place`, at most one after the decided
   * ones; as many of the best as the draw may need are asked for, if a device lists `most`.
   */
  query(place: number, most: number): LogitQuery {
    if (place < this.tokens.length) return { token: this.tokens[place]! };
    const { allow, bias } = this.#awaiting!;
    const { topK, temperature } = this.#sampling();
    // More than are drawn from: sums with a bias may be rounded in another order on the device.
    return { allow, bias, temperature, least: topK > 0 ? Math.min(topK + SPARE, most) : 0 };
  }

  /**
   * Takes the logits after the last fed token, or what a device told of them: scores the token that follows, and draws it
   * where it is not decided.
   * @returns false, with nothing done, where only the logits themselves can decide.
   */
  take(logits: Float32Array | LogitSummary, sampler: Sampler): boolean {
    if (this.fed < this.tokens.length) {
      if (this.logProbs.length === this.fed) this.logProbs.push(scoreOf(logits, this.tokens[this.fed]!));
      return true;
    }
    if (!this.#awaiting) return true;
    const { allow, bias } = this.#awaiting;
    const sampling = this.#sampling();
    const options = { allow, bias, seen: this.#seenFor(sampling), sampling, random: this.#row.random };
    const drawn = logits instanceof Float32Array ? sampler.draw(logits, options) : sampler.drawFrom(logits, options);
    if (!drawn) return false;
    this.#awaiting = undefined;
    this.#push(drawn.token);
    this.logProbs.push(drawn.logProb);
    this.#ask();
    return true;
  }

  /** How the awaited token is drawn. */
  #sampling(): Sampling {
    const { sampling } = this.#awaiting!;
    if (!sampling) return this.#row.sampling;
    const settings = { ...this.#row.sampling, ...sampling };
    checkSampling(settings);
    return settings;
  }

  /** Tokens that are decided and must go through the model; 0 when the row is done. */
  get pending(): number {
    // The last token of a stopped row has no successor to be scored.
    return this.tokens.length - this.fed - (this.#stopped && this.tokens.length > this.fed ? 1 : 0);
  }

  /** Whether nothing more has to be computed for this row. */
  get done(): boolean {
    return this.#stopped !== undefined && this.logProbs.length === this.tokens.length;
  }

  result(): DecodedRow {
    return { tokens: this.tokens, logProbs: this.logProbs, stopped: this.#stopped! };
  }

  /** Asks the control until it wants a sample or the row ends. */
  #ask(): void {
    while (!this.#stopped && !this.#awaiting) {
      const constraint = this.#row.control.next(this.tokens);
      if (constraint.kind === 'stop') this.#stopped = 'control';
      else if (this.tokens.length >= this.#row.maxTokens) this.#stopped = 'length';
      else if (this.tokens.length >= this.#limits.room) this.#stopped = 'context';
      else if (constraint.kind === 'sample') this.#awaiting = constraint;
      else this.#force(constraint.tokens);
    }
  }

  #force(tokens: readonly number[]): void {
    if (tokens.length === 0) throw new VerseletError('bad-request', 'A forced run has at least one token.');
    const room = Math.min(this.#row.maxTokens, this.#limits.room) - this.tokens.length;
    for (const token of tokens.slice(0, room)) this.#push(token);
    // A cut run ends the row, whatever the control would say about the part that fits.
    if (tokens.length > room) this.#stopped = this.#row.maxTokens <= this.#limits.room ? 'length' : 'context';
  }

  #push(token: number): void {
    if (!Number.isInteger(token) || token < 0 || token >= this.#limits.vocab) {
      throw new VerseletError('bad-request', `Token ${token} is not in the vocabulary of ${this.#limits.vocab}.`);
    }
    this.tokens.push(token);
    if (this.#seen) this.#seen[token] = 1;
  }

  /** Marks of every token in prefix and row, made when the penalty first asks for them. */
  #seenFor(sampling: Sampling): Uint8Array | undefined {
    if (sampling.repetitionPenalty === 1) return undefined;
    if (!this.#seen) {
      this.#seen = new Uint8Array(this.#limits.vocab);
      for (const token of this.#prefix) this.#seen[token] = 1;
      for (const token of this.tokens) this.#seen[token] = 1;
    }
    return this.#seen;
  }
}

function scoreOf(logits: Float32Array | LogitSummary, token: number): number {
  return logits instanceof Float32Array ? logProbOf(logits, token) : logits.logit - logits.total;
}
