/** A {@link LanguageModel} over any {@link Backend}. */

import { throwIfAborted, VerseletError } from '../errors.ts';
import { decodeBatch } from './decode-batch.ts';
import { KvCache } from './kv-cache.ts';
import { Sampler } from './sampler.ts';
import type { Backend, DecodedRow, DecodeJob, DeviceInfo, LanguageModel, TextTokenizer } from './types.ts';

/** Rows of one batch at most; more are decoded in turns. */
const MAX_ROWS = 16;

export interface ModelOptions {
  /** What is said of the device; the backend's own words where absent. */
  device?: DeviceInfo;
  /** Resolves with a sentence when the device dies. */
  lost?: Promise<string>;
  onLost?(message: string): void;
}

class Gpt2Model implements LanguageModel {
  readonly vocab: number;
  readonly context: number;
  readonly device: DeviceInfo;
  readonly tokenizer: TextTokenizer;
  readonly #cache: KvCache;
  readonly #sampler: Sampler;
  #decoded = 0;
  #busy = false;

  constructor(backend: Backend, tokenizer: TextTokenizer, options: ModelOptions) {
    this.vocab = backend.vocab;
    this.context = backend.context;
    this.device = options.device ?? backend.device;
    this.tokenizer = tokenizer;
    this.#cache = new KvCache(backend);
    this.#sampler = new Sampler(backend.vocab);
    void options.lost?.then((message) => {
      // A device that we gave up ourselves is no loss.
      if (this.#cache.close(new VerseletError('device-lost', message))) options.onLost?.(message);
    });
  }

  get tokensDecoded(): number {
    return this.#decoded;
  }

  decode(job: DecodeJob, signal?: AbortSignal): Promise<DecodedRow[]> {
    return this.#alone(async () => {
      this.#check(job.prefix, this.context - 1);
      const results: DecodedRow[] = [];
      for (let start = 0; start < job.rows.length; start += MAX_ROWS) {
        const rows = job.rows.slice(start, start + MAX_ROWS);
        const count = (tokens: number): void => {
          this.#decoded += tokens;
        };
        results.push(...(await decodeBatch(this.#cache, this.#sampler, { prefix: job.prefix, rows, signal, count })));
      }
      return results;
    });
  }

  score(ids: readonly number[], from: number, signal?: AbortSignal): Promise<Float32Array> {
    return this.#alone(async () => {
      this.#check(ids, this.context);
      if (!Number.isInteger(from) || from < 1 || from > ids.length) {
        throw new VerseletError('bad-request', `Scores start between 1 and ${ids.length}, not at ${from}.`);
      }
      throwIfAborted(signal);
      const scores = new Float32Array(ids.length - from);
      if (scores.length === 0) return scores;
      const start = await this.#cache.reuse(ids, from - 1);
      if (start < from - 1) await this.#cache.feed(ids.slice(start, from - 1), signal);
      await this.#scoreRest(ids, from, scores, signal);
      return scores;
    });
  }

  logits(ids: readonly number[], signal?: AbortSignal): Promise<Float32Array> {
    return this.#alone(async () => {
      this.#check(ids, this.context);
      const logits = await this.#cache.prefill(ids, signal);
      return logits.slice();
    });
  }

  async dispose(): Promise<void> {
    await this.#cache.dispose();
  }

  /** Fills `scores` while the cache holds ids[..from - 1). */
  async #scoreRest(ids: readonly number[], from: number, scores: Float32Array, signal?: AbortSignal): Promise<void> {
    const chunk = this.#cache.stepsWithLogits(1);
    for (let at = from - 1; at < ids.length - 1; at += chunk) {
      const fed = ids.slice(at, Math.min(at + chunk, ids.length - 1));
      const next = ids.slice(at + 1, at + 1 + fed.length);
      scores.set(await this.#cache.feedScored(fed, next, signal), at + 1 - from);
    }
  }

  #check(ids: readonly number[], most: number): void {
    if (ids.length === 0) throw new VerseletError('bad-request', 'The prompt is empty.');
    if (ids.length > most) {
      throw new VerseletError('bad-request', `The prompt has ${ids.length} tokens; this model reads at most ${most}.`);
    }
    const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= this.vocab);
    if (wrong !== undefined) {
      throw new VerseletError('bad-request', `Token ${wrong} is not in the vocabulary of ${this.vocab}.`);
    }
  }

  /** The cache belongs to one call at a time; the caller queues, and learns here if it did not. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy) throw new VerseletError('bad-request', 'The model is at work; wait for the call before this one.');
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }
}

/** A GPT-2 that computes with `backend`; its `vocab` may be larger than the tokenizer's (padding of the embedding). */
export function createGpt2Model(backend: Backend, tokenizer: TextTokenizer, options: ModelOptions = {}): LanguageModel {
  return new Gpt2Model(backend, tokenizer, options);
}
