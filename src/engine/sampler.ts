/**
 * Draws one token from a row of logits. The order is that of {@link Sampling}: bias, repetition penalty, temperature,
 * top-k, top-p, min-p. Ties go to the lowest id, so the same numbers always give the same token.
 */

import { VerseletError } from '../errors.ts';
import { Ranking } from './ranking.ts';
import type { Constraint, RandomStream, Sampling } from './types.ts';

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

/**
 * log(Σ exp(logits)) in double precision, [vocab] → number.
 * @throws VerseletError `device-lost` when the logits are NaN, +Infinity or all -Infinity: the device computes wrongly.
 */
export function logSumExp(logits: Float32Array): number {
  let top = -Infinity;
  let numbers = true;
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i]!;
    if (value > top) top = value;
    // Only NaN differs from itself.
    else if (value !== value) numbers = false;
  }
  if (!numbers || !Number.isFinite(top)) {
    throw new VerseletError('device-lost', 'The device gave results that are not numbers.');
  }
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - top);
  return top + Math.log(sum);
}

/** Natural log of the probability of `token` under `logits`, [vocab]. @throws VerseletError `device-lost`. */
export function logProbOf(logits: Float32Array, token: number): number {
  return logits[token]! - logSumExp(logits);
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

/** A sampler with its working memory, for one vocabulary; one draw at a time. */
export class Sampler {
  readonly #ranking: Ranking;
  /** A bias map spread over the vocabulary; all zeros between draws. */
  readonly #spread: Float64Array;

  constructor(vocab: number) {
    this.#ranking = new Ranking(vocab);
    this.#spread = new Float64Array(vocab);
  }

  /**
   * @param logits [vocab], not changed.
   * @throws VerseletError `bad-request` when the constraint leaves no token, `device-lost` when logits are no numbers.
   */
  draw(logits: Float32Array, options: DrawOptions): Draw {
    const total = logSumExp(logits);
    this.#score(logits, options);
    if (!(this.#ranking.best() > -Infinity)) {
      throw new VerseletError('bad-request', 'The constraint allows no token here.');
    }
    const token = this.#choose(options.sampling, options.random);
    return { token, logProb: logits[token]! - total };
  }

  /** Fills the ranking with the allowed tokens and their shaped logits. */
  #score(logits: Float32Array, { allow, bias, seen, sampling }: DrawOptions): void {
    const ranking = this.#ranking;
    const { repetitionPenalty: penalty, temperature } = sampling;
    const map = bias instanceof Map ? (bias as ReadonlyMap<number, number>) : undefined;
    if (map) for (const [id, value] of map) this.#spread[id] = value;
    const added = map ? this.#spread : (bias as Float32Array | undefined);
    const push = (id: number): void => {
      let score = added ? logits[id]! + added[id]! : logits[id]!;
      if (penalty !== 1 && seen?.[id]) score = score > 0 ? score / penalty : score * penalty;
      ranking.push(id, score / temperature);
    };
    ranking.clear();
    if (!allow) for (let id = 0; id < logits.length; id++) push(id);
    else if (allow instanceof Uint8Array) {
      for (let id = 0; id < logits.length; id++) if (allow[id]) push(id);
    } else for (const id of allow) if (id >= 0 && id < logits.length) push(id);
    if (map) for (const id of map.keys()) this.#spread[id] = 0;
  }

  #choose({ topK, topP, minP }: Sampling, random: RandomStream): number {
    const ranking = this.#ranking;
    if (topK === 1 || ranking.size === 1) return ranking.bestId();
    const floor = minP > 0 ? ranking.best() + Math.log(minP) : -Infinity;
    if (topK === 0 && topP >= 1) return ranking.drawAbove(floor, random.next());
    return ranking.drawFromTop({ count: topK || ranking.size, share: topP, floor }, random.next());
  }
}
