/** A backend's KV cache together with the ids that are in it, so that what was computed once is computed no more. */

import { throwIfAborted, VerseletError } from '../errors.ts';
import { createBreather } from './breathe.ts';
import { deviceError } from './device-errors.ts';
import { logProbOf } from './log-probs.ts';
import type { Backend, LogitQuery, LogitSummary } from './types.ts';

/** Positions of one forward at most, so that an abort is heard soon. */
const CHUNK = 64;

/** Logits of one forward at most: 16 MB. */
const LOGITS = 1 << 22;

function commonStart(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a[i] === b[i]) i += 1;
  return i;
}

/** One call at a time. After a failure of the device every call fails: its runtime cannot be trusted again. */
export class KvCache {
  readonly backend: Backend;
  /** Ids of each row, all of the same length. */
  #ids: number[][] = [[]];
  #failure: VerseletError | undefined;
  /** Ids of a prompt and the logits after it, as the last prefill left them. */
  #last: { ids: readonly number[]; logits: Float32Array } | undefined;
  readonly #breathe = createBreather();

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** Steps of one forward of `rows` rows whose logits are all wanted. */
  stepsWithLogits(rows: number): number {
    const { vocab, reducer } = this.backend;
    const most = Math.min(LOGITS / vocab, reducer?.mostTokens ?? Infinity);
    return Math.max(1, Math.min(CHUNK, Math.floor(most / rows)));
  }

  /**
   * Feeds the same number of tokens to each row.
   * @returns logits of the last step, [rows, vocab], or with `all` of every step, [rows, steps, vocab]; valid until the
   *   next call.
   */
  forward(tokens: readonly (readonly number[])[], signal?: AbortSignal, all = false): Promise<Float32Array> {
    return this.#feed(tokens, signal, (flat) => this.backend.forward(flat, { all }));
  }

  /** As {@link KvCache.forward}, with a query for each token, [rows, steps], on a backend that answers them. */
  ask(tokens: readonly (readonly number[])[], queries: readonly LogitQuery[], signal?: AbortSignal): Promise<LogitSummary[]> {
    return this.#feed(tokens, signal, (flat) => this.backend.reducer!.forward(flat, queries));
  }

  /** The whole row of logits after token `place` of the last {@link KvCache.ask}. */
  logits(place: number): Promise<Float32Array> {
    return this.#guard(() => this.backend.reducer!.logits(place));
  }

  async #feed<T>(tokens: readonly (readonly number[])[], signal: AbortSignal | undefined, work: (flat: Int32Array) => Promise<T>): Promise<T> {
    await this.#breathe();
    throwIfAborted(signal);
    const result = await this.#guard(() => work(Int32Array.from(tokens.flat())));
    for (const [row, ids] of this.#ids.entries()) ids.push(...tokens[row]!);
    return result;
  }

  /** Row i becomes what row `from[i]` was, cut to `length`; nothing happens where that is so already. */
  async select(from: readonly number[], length: number): Promise<void> {
    const { rows } = this.backend;
    if (length === this.backend.length && from.length === rows && from.every((row, i) => row === i)) return;
    await this.#guard(() => this.backend.select(from, length));
    this.#ids = from.map((row) => this.#ids[row]!.slice(0, length));
  }

  /**
   * Makes the cache one row that holds the start of `ids`, as much of it as is known and at most `limit`.
   * @returns positions that are there.
   */
  async reuse(ids: readonly number[], limit: number): Promise<number> {
    let best = { row: 0, length: 0 };
    for (const [row, cached] of this.#ids.entries()) {
      const length = Math.min(limit, commonStart(cached, ids));
      if (length > best.length) best = { row, length };
    }
    await this.select([best.row], best.length);
    return best.length;
  }

  /**
   * Makes the cache one row of exactly `ids` (at least one).
   * @returns logits after the last id, [vocab]; valid until the next prefill.
   */
  async prefill(ids: readonly number[], signal?: AbortSignal): Promise<Float32Array> {
    throwIfAborted(signal);
    const known = this.#last?.ids.length === ids.length && commonStart(this.#last.ids, ids) === ids.length;
    const start = await this.reuse(ids, known ? ids.length : ids.length - 1);
    if (known && start === ids.length) return this.#last!.logits;
    const logits = await this.feed(ids.slice(start), signal);
    this.#last = { ids: ids.slice(), logits: logits.slice(0, this.backend.vocab) };
    return this.#last.logits;
  }

  /** Appends `ids` (at least one) to the only row, in chunks. @returns logits of the last, until the next call. */
  async feed(ids: readonly number[], signal?: AbortSignal): Promise<Float32Array> {
    let logits: Float32Array | undefined;
    for (let start = 0; start < ids.length; start += CHUNK) {
      logits = await this.forward([ids.slice(start, start + CHUNK)], signal);
    }
    return logits!;
  }

  /**
   * Appends `ids` to the only row, at most {@link KvCache.stepsWithLogits}.
   * @returns log-probability of `next[i]` after `ids[i]`.
   */
  async feedScored(ids: readonly number[], next: readonly number[], signal?: AbortSignal): Promise<number[]> {
    const { reducer, vocab } = this.backend;
    if (reducer) {
      const summaries = await this.ask([ids], next.map((token) => ({ token })), signal);
      return summaries.map(({ logit, total }) => logit - total);
    }
    const logits = await this.forward([ids], signal, true);
    return next.map((token, i) => logProbOf(logits.subarray(i * vocab, (i + 1) * vocab), token));
  }

  /** Every later call fails with `reason`. @returns false where calls already failed before. */
  close(reason: VerseletError): boolean {
    if (this.#failure) return false;
    this.#failure = reason;
    return true;
  }

  async dispose(): Promise<void> {
    this.close(new VerseletError('aborted', 'The model was closed.'));
    this.#last = undefined;
    await this.backend.dispose();
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#failure) throw this.#failure;
    try {
      return await work();
    } catch (error) {
      const failure = deviceError(error, 'device-lost');
      if (failure.code !== 'bad-request') this.#failure = failure;
      throw failure;
    }
  }
}
