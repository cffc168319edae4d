/** A backend that answers queries instead of giving logits, as a GPU does, on the CPU: for tests. */

import { logSumExp } from './log-probs.ts';
import { ReferenceBackend } from './reference-backend.ts';
import type { BestTokens, LogitQuery, LogitReducer, LogitSummary } from './types.ts';

type Draw = Exclude<LogitQuery, { token: number }>;

/** What a device with room for `most` tokens tells of `logits`. */
export function summarize(logits: Float32Array, query: LogitQuery, most: number): LogitSummary {
  const total = logSumExp(logits);
  if ('token' in query) return { total, logit: logits[query.token]! };
  return { total, logit: 0, best: bestOf(logits, query, most) };
}

function bestOf(logits: Float32Array, { allow, bias, temperature }: Draw, most: number): BestTokens {
  const allowed = [...logits.keys()].filter((id) => !allow || (allow instanceof Uint8Array ? allow[id] : allow.includes(id)));
  const added = (id: number): number => (bias instanceof Float32Array ? bias[id] : bias?.get(id)) ?? 0;
  const scored = allowed.map((id) => ({ id, score: Math.fround(logits[id]! + Math.fround(added(id))) }));
  scored.sort((a, b) => b.score - a.score);
  let kept = Math.min(most, scored.length);
  // Equals stay together.
  while (kept > 0 && scored[kept]?.score === scored[kept - 1]!.score) kept -= 1;
  const ids = Uint32Array.from(scored.slice(0, kept), ({ id }) => id).reverse();
  return {
    ids,
    logits: Float32Array.from(ids, (id) => logits[id]!),
    complete: kept === scored.length,
    mass: Math.fround(scored.reduce((sum, { score }) => sum + Math.exp((score - scored[0]!.score) / temperature), 0)),
  };
}

export class ReducingBackend extends ReferenceBackend {
  /** Rows of logits that were read after all. */
  read = 0;
  #logits: Float32Array = new Float32Array(0);
  readonly reducer: LogitReducer = {
    mostTokens: 12,
    mostListed: 10,
    forward: async (tokens, queries) => {
      if (tokens.length > 12 || queries.length !== tokens.length) throw new RangeError('Too many tokens, or queries for others.');
      this.#logits = await super.forward(tokens, { all: true });
      return queries.map((query, place) => summarize(this.#row(place), query, 10));
    },
    logits: async (place) => {
      this.read += 1;
      return this.#row(place);
    },
  };

  #row(place: number): Float32Array {
    return this.#logits.subarray(place * this.vocab, (place + 1) * this.vocab);
  }
}
