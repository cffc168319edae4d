/**
 * Draws one token from a row of logits. The order is that of {@link Sampling}: bias, repetition penalty, temperature,
 * top-k, top-p, min-p. Ties go to the lowest id, so the same numbers always give the same token.
 */

import { VerseletError } from '../errors.ts';
import { decay, decaySum } from './decay.ts';
import { logOf, placeOfTop } from './log-probs.ts';
import { createLogitScan, type LogitScan } from './scan/logit-scan.ts';
import { TopList } from './top-list.ts';
import type { BestTokens, Constraint, LogitSummary, RandomStream, Sampling } from './types.ts';

export interface Draw {
  token: number;
  /** Natural log of the model's own probability of `token`: log-softmax of the raw logits. */
  logProb: number;
}

/** What limits one draw, beyond the logits. */
export interface DrawOptions {
  sampling: Sampling;
  random: RandomStream;
  allow?: Extract<Constraint, { kind: 'sample' }>['allow'];
  bias?: Extract<Constraint, { kind: 'sample' }>['bias'];
  /** [vocab], 1 for tokens that the repetition penalty counts as used. */
  seen?: Uint8Array;
}

/** @throws VerseletError `bad-request` naming the setting that is out of range. */
export function checkSampling(sampling: Sampling): void {
  const { temperature, topK, topP, minP, repetitionPenalty } = sampling;
  const bad = (name: string, need: string): never => {
    throw new VerseletError('bad-request', `Sampling: ${name} must be ${need}.`);
  };
  if (!(temperature > 0 && temperature < Infinity)) bad('temperature', 'above 0');
  if (!Number.isInteger(topK) || topK < 0) bad('topK', 'a whole number, 0 or more');
  if (!(topP > 0 && topP <= 1)) bad('topP', 'above 0 and at most 1');
  if (!(minP >= 0 && minP <= 1)) bad('minP', 'between 0 and 1');
  if (!(repetitionPenalty > 0 && repetitionPenalty < Infinity)) bad('repetitionPenalty', 'above 0');
}

/** Tokens looked at first for top-p alone; most distributions have 95 % of their mass in fewer. */
const FIRST_LOOK = 256;

/** Fewer allowed tokens are looked at one by one. */
const FEW = 64;

/** Twice what a number of 1 can lose when it becomes a single. */
const ROUNDING = 2 ** -23;
/** What is listed is at most so far below the highest. */
const REACH = 80;
/** A device adds biases in single precision: sums that are closer than this may change places. */
const DEVICE_ROUNDING = 1e-4;

/** A sampler with its working memory, for one vocabulary; one draw at a time. */
export class Sampler {
  /** Allowed tokens and their shaped logits, before the temperature, which changes no order. */
  readonly #ids: Int32Array;
  readonly #scores: Float64Array;
  #count = 0;
  /** Whether `#ids` lists the whole vocabulary in order. */
  #everyId = false;
  readonly #top = new TopList();
  /** A bias map spread over the vocabulary; all zeros between draws. */
  readonly #spread: Float64Array;
  /** Of the logits that are drawn from; absent where WebAssembly is. */
  readonly #scan: LogitScan | undefined;

  /** @param scan null: none, e.g. to compare. */
  constructor(vocab: number, scan: LogitScan | null | undefined = createLogitScan(vocab)) {
    this.#scan = scan ?? undefined;
    this.#ids = new Int32Array(vocab);
    this.#scores = new Float64Array(vocab);
    this.#spread = new Float64Array(vocab);
  }

  /**
   * @param logits [vocab], not changed.
   * @throws VerseletError `bad-request` when the constraint leaves no token, `device-lost` when logits are no numbers.
   */
  draw(logits: Float32Array, options: DrawOptions): Draw {
    const { sampling, allow, bias, seen } = options;
    const { place, total } = this.#survey(logits);
    const penalised = seen !== undefined && sampling.repetitionPenalty !== 1;
    const free = !allow && !bias && !penalised;
    if (free && sampling.topK === 1) return { token: place, logProb: logits[place]! - total };
    const listed = !penalised && sampling.topK > 0 && this.#allowBest(logits, logits[place]!, options);
    if (!listed) this.#allow(logits, allow);
    this.#bias(bias);
    if (penalised) this.#penalise(seen, sampling.repetitionPenalty);
    const best = this.#best();
    if (best < 0 || !(this.#scores[best]! > -Infinity)) {
      throw new VerseletError('bad-request', 'The constraint allows no token here.');
    }
    const token = this.#choose(best, sampling, options.random);
    return { token, logProb: logits[token]! - total };
  }

  /**
   * As {@link Sampler.draw}, from what a device told of the logits.
   * @returns undefined, with no number drawn, where that is too little to tell.
   */
  drawFrom({ total, best }: LogitSummary, { sampling, bias, seen, random }: DrawOptions): Draw | undefined {
    if (!best || (seen && sampling.repetitionPenalty !== 1)) return undefined;
    const { ids, logits, complete } = best;
    this.#ids.set(ids);
    this.#scores.set(logits);
    this.#everyId = false;
    this.#count = ids.length;
    this.#bias(bias);
    const place = this.#best();
    if (place < 0 || !this.#holds(best, sampling, bias ? DEVICE_ROUNDING : 0)) return undefined;
    const token = this.#choose(place, sampling, random, complete ? undefined : best.mass);
    return { token, logProb: logits[ids.indexOf(token)]! - total };
  }

  /** Whether what is listed holds all that may be drawn. */
  #holds({ complete, mass }: BestTokens, { topK, topP, temperature }: Sampling, rounding: number): boolean {
    // Without both, tokens are drawn in the order of the vocabulary.
    if (topK === 0 && topP >= 1) return false;
    if (complete) return true;
    const scores = this.#scores.subarray(0, this.#count);
    const top = scores.reduce((a, b) => Math.max(a, b));
    // Tokens that are not listed score less than the worst that is.
    const sure = scores.reduce((a, b) => Math.min(a, b)) + rounding;
    const held = scores.filter((score) => score >= sure);
    if (topK > 0) return held.length >= topK;
    return held.reduce((sum, score) => sum + decay((top - score) / temperature), 0) >= topP * mass;
  }

  /** The place of the highest logit, and the log of the sum of all exponentials. @throws VerseletError `device-lost`. */
  #survey(logits: Float32Array): { place: number; total: number } {
    const scan = this.#scan;
    if (!scan) {
      const place = placeOfTop(logits);
      const top = logits[place]!;
      return { place, total: logOf(top, decaySum(logits, top)) };
    }
    const top = scan.load(logits);
    const total = logOf(top, scan.mass(top));
    return { place: scan.atLeast(top)[0]!, total };
  }

  /** Lists a few tokens with the best `topK` among them, where a scan finds them: of all tokens, or of a mask's. */
  #allowBest(logits: Float32Array, top: number, { allow, bias, sampling }: DrawOptions): boolean {
    const scan = this.#scan;
    if (!scan || bias instanceof Float32Array) return false;
    if (!allow && !bias) {
      this.#list(logits, scan.best(sampling.topK, top, 0));
      return true;
    }
    if (!allow || allow.length < FEW || allow.length > logits.length) return false;
    const highest = scan.shape(allow, bias);
    // Scores are double: those that rounding puts too low are listed too.
    this.#list(logits, scan.best(sampling.topK, highest, ROUNDING * (Math.abs(highest) + REACH)));
    return true;
  }

  #list(logits: Float32Array, places: Int32Array): void {
    for (let i = 0; i < places.length; i++) {
      this.#ids[i] = places[i]!;
      this.#scores[i] = logits[places[i]!]!;
    }
    this.#everyId = false;
    this.#count = places.length;
  }

  /** Lists the allowed tokens; ids of a list that do not exist are passed over. */
  #allow(logits: Float32Array, allow: DrawOptions['allow']): void {
    const ids = this.#ids;
    const scores = this.#scores;
    const most = logits.length;
    let count = 0;
    if (!allow) {
      if (!this.#everyId) for (let id = 0; id < most; id++) ids[id] = id;
      scores.set(logits);
      count = most;
    } else if (allow instanceof Uint8Array) {
      for (let id = 0; id < most; id++) {
        if (!allow[id]) continue;
        ids[count] = id;
        scores[count] = logits[id]!;
        count += 1;
      }
    } else {
      for (const id of allow) {
        if (!(id >= 0 && id < most) || count === most) continue;
        ids[count] = id;
        scores[count] = logits[id]!;
        count += 1;
      }
    }
    this.#everyId = !allow;
    this.#count = count;
  }

  #bias(bias: DrawOptions['bias']): void {
    if (!bias) return;
    const map = bias instanceof Float32Array ? undefined : bias;
    if (map) for (const [id, value] of map) this.#spread[id] = value;
    const added = map ? this.#spread : (bias as Float32Array);
    for (let i = 0; i < this.#count; i++) this.#scores[i]! += added[this.#ids[i]!]!;
    if (map) for (const id of map.keys()) this.#spread[id] = 0;
  }

  #penalise(seen: Uint8Array, penalty: number): void {
    for (let i = 0; i < this.#count; i++) {
      if (!seen[this.#ids[i]!]) continue;
      const score = this.#scores[i]!;
      this.#scores[i] = score > 0 ? score / penalty : score * penalty;
    }
  }

  /** Place of the highest score, lowest id first; -1 when there is none. */
  #best(): number {
    const ids = this.#ids;
    const scores = this.#scores;
    const count = this.#count;
    let best = count > 0 ? 0 : -1;
    let top = scores[0]!;
    for (let i = 1; i < count; i++) {
      const score = scores[i]!;
      if (score > top || (score === top && ids[i]! < ids[best]!)) {
        best = i;
        top = score;
      }
    }
    return best;
  }

  /** @param mass Σ exp((score - top) / temperature) over all allowed tokens, where not all are listed. */
  #choose(best: number, sampling: Sampling, random: RandomStream, mass?: number): number {
    const { topK, topP, minP, temperature } = sampling;
    if (topK === 1 || this.#count === 1) return this.#ids[best]!;
    const top = this.#scores[best]!;
    const floor = minP > 0 ? top + Math.log(minP) * temperature : -Infinity;
    if (topK === 0 && topP >= 1) return this.#drawAbove(best, floor, temperature, random.next());
    const share = this.#takeTop(top, sampling, mass);
    return this.#drawFromTop(share, floor, temperature, random.next());
  }

  /** Σ exp((score - top) / temperature) of the allowed tokens at `floor` or above. */
  #mass(top: number, floor: number, temperature: number): number {
    const scores = this.#scores;
    const count = this.#count;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const score = scores[i]!;
      if (score >= floor) sum += decay((top - score) / temperature);
    }
    return sum;
  }

  /** Draws without a list of the best. */
  #drawAbove(best: number, floor: number, temperature: number, uniform: number): number {
    const scores = this.#scores;
    const top = scores[best]!;
    let left = uniform * this.#mass(top, floor, temperature);
    for (let i = 0; i < this.#count; i++) {
      const score = scores[i]!;
      if (score < floor) continue;
      left -= decay((top - score) / temperature);
      if (left < 0) return this.#ids[i]!;
    }
    // Rounding can leave a last crumb.
    return this.#ids[best]!;
  }

  /** Lists the best tokens, as many as top-k allows or top-p needs. @returns the mass at which top-p ends. */
  #takeTop(top: number, { topK, topP, temperature }: Sampling, all?: number): number {
    const wanted = topK === 0 ? topP * (all ?? this.#mass(top, -Infinity, temperature)) : Infinity;
    let limit = topK === 0 ? FIRST_LOOK : topK;
    for (;;) {
      this.#top.select(this.#ids, this.#scores, this.#count, limit);
      let mass = 0;
      for (let i = 0; i < this.#top.size; i++) mass += decay((top - this.#top.score(i)) / temperature);
      if (topK > 0) return topP * mass;
      if (mass >= wanted || this.#top.size === this.#count) return wanted;
      limit *= 4;
    }
  }

  /** Draws from the list, cut where its mass reaches `share` and at `floor`. */
  #drawFromTop(share: number, floor: number, temperature: number, uniform: number): number {
    const list = this.#top;
    const top = list.score(0);
    let kept = 0;
    let mass = 0;
    while (kept < list.size && mass < share && list.score(kept) >= floor) {
      mass += decay((top - list.score(kept)) / temperature);
      kept += 1;
    }
    let left = uniform * mass;
    for (let i = 0; i < kept; i++) {
      left -= decay((top - list.score(i)) / temperature);
      if (left < 0) return list.id(i);
    }
    return list.id(0);
  }
}
