/** The decode loop: rows in lockstep over one cache, each with its own forced tokens, sampling and end. */

import type { KvCache } from './kv-cache.ts';
import { RowState } from './row-state.ts';
import type { Sampler } from './sampler.ts';
import type { DecodedRow, DecodeRow, LogitSummary } from './types.ts';

export interface Batch {
  prefix: readonly number[];
  rows: readonly DecodeRow[];
  signal?: AbortSignal;
  /** Told of every token that is decided. */
  count(tokens: number): void;
}

function decided(states: readonly RowState[]): number {
  return states.reduce((sum, state) => sum + state.tokens.length, 0);
}

/**
 * Decodes `rows` after `prefix` (at least one id, shorter than the context). The prefix goes through the model once and
 * its cache is copied for each row; a row that is done leaves the batch.
 */
export async function decodeBatch(cache: KvCache, sampler: Sampler, batch: Batch): Promise<DecodedRow[]> {
  const { prefix, signal } = batch;
  const { vocab, context } = cache.backend;
  const limits = { vocab, room: context - prefix.length };
  const states = batch.rows.map((row) => new RowState(row, prefix, limits));
  const first = await cache.prefill(prefix, signal);
  for (const state of states) state.take(first, sampler);
  let counted = decided(states);
  batch.count(counted);
  let live = states.filter((state) => !state.done);
  let from = live.map(() => 0);
  while (live.length > 0) {
    await cache.select(from, prefix.length + live[0]!.fed);
    await step(cache, sampler, live, signal);
    const now = decided(states);
    batch.count(now - counted);
    counted = now;
    from = [...live.keys()].filter((i) => !live[i]!.done);
    live = live.filter((state) => !state.done);
  }
  return states.map((state) => state.result());
}

/** Feeds every row as many tokens as the one with the fewest decided ones has, and lets each take its logits. */
async function step(cache: KvCache, sampler: Sampler, live: readonly RowState[], signal?: AbortSignal): Promise<void> {
  const fewest = live.reduce((least, state) => Math.min(least, state.pending), Infinity);
  const count = Math.min(fewest, cache.stepsWithLogits(live.length));
  const tokens = live.map((state) => state.tokens.slice(state.fed, state.fed + count));
  const outcomeOf = cache.backend.reducer ? await ask(cache, live, tokens, signal) : await readAll(cache, tokens, signal);
  for (const [row, state] of live.entries()) {
    for (let i = 0; i < count; i++) {
      state.fed += 1;
      const place = row * count + i;
      if (!state.take(outcomeOf(place), sampler)) state.take(await cache.logits(place), sampler);
    }
  }
}

/** What is known after each token of a step, by its place in [rows, steps]. */
type Outcomes = (place: number) => Float32Array | LogitSummary;

async function readAll(cache: KvCache, tokens: readonly (readonly number[])[], signal?: AbortSignal): Promise<Outcomes> {
  const { vocab } = cache.backend;
  const logits = await cache.forward(tokens, signal, tokens[0]!.length > 1);
  return (place) => logits.subarray(place * vocab, (place + 1) * vocab);
}

async function ask(cache: KvCache, live: readonly RowState[], tokens: readonly (readonly number[])[], signal?: AbortSignal): Promise<Outcomes> {
  const { mostListed } = cache.backend.reducer!;
  const queries = live.flatMap((state, row) => tokens[row]!.map((_, i) => state.query(state.fed + i + 1, mostListed)));
  const summaries = await cache.ask(tokens, queries, signal);
  return (place) => summaries[place]!;
}
