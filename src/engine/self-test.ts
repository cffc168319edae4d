/**
 * A few tokens through a freshly loaded model: some drivers compute wrong numbers without a word. Known tokens are
 * compared where the model's card has them; for any model, the cache and the batch must agree with the plain way.
 */

import { VerseletError } from '../errors.ts';
import { logSumExp } from './log-probs.ts';
import type { Backend, LogitReducer } from './types.ts';

export interface SelfTest {
  prompt: readonly number[];
  /** What greedy decoding gives after `prompt`; empty when unknown. */
  tokens: readonly number[];
}

/** Stored tokens that are compared: each costs a forward, which a software adapter takes a second for. */
const COMPARED = 4;

/** Half-precision kernels may swap two tokens whose logits are this close. */
const CLOSE = 0.25;

/** Two ways to the same logits may differ by this share of their spread. */
const AGREE = 0.02;

function failed(reason: string): VerseletError {
  return new VerseletError('no-device', `The device computes wrongly: ${reason}.`, {
    hint: 'Another device will be used; a driver update may help.',
  });
}

function isIds(value: unknown, vocab: number): value is number[] {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0 && id < vocab);
}

/** The test of a model's card, or one of any ids where it has none. */
export function selfTestOf(card: unknown, vocab: number): SelfTest {
  const stored = (card as { selfTest?: Partial<SelfTest> } | null | undefined)?.selfTest;
  const { prompt, tokens } = stored ?? {};
  if (isIds(prompt, vocab) && prompt.length > 0 && isIds(tokens, vocab)) return { prompt, tokens };
  return { prompt: [1, 2, 3].map((id) => id % vocab), tokens: [] };
}

function bestOf(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** Distance between the highest and the lowest logit. */
function checkNumbers(logits: Float32Array): number {
  let low = Infinity;
  let high = -Infinity;
  for (const value of logits) {
    if (!Number.isFinite(value)) throw failed('it gives results that are not numbers');
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (high - low < 1e-6) throw failed('all its results are equal');
  return high - low;
}

function checkSame(got: Float32Array, want: Float32Array, what: string): void {
  const limit = AGREE * checkNumbers(want);
  checkNumbers(got);
  for (let i = 0; i < want.length; i++) {
    if (Math.abs(got[i]! - want[i]!) > limit) throw failed(`${what} differ`);
  }
}

/** What the device tells of the logits after `token` must be true of `logits`. */
async function checkReducer(reducer: LogitReducer, token: number, logits: Float32Array): Promise<void> {
  const limit = AGREE * checkNumbers(logits);
  const [summary] = await reducer.forward(Int32Array.of(token), [{ least: 1, temperature: 1 }]);
  const { total, best } = summary!;
  const { ids, logits: listed, mass } = best!;
  const top = listed.reduce((a, b) => Math.max(a, b), -Infinity);
  const wrong =
    listed.some((logit, i) => !(Math.abs(logit - logits[ids[i]!]!) <= limit)) ||
    !(Math.abs(top - logits[bestOf(logits)]!) <= limit) ||
    !(Math.abs(total - logSumExp(logits)) <= limit) ||
    !(Math.abs(top + Math.log(mass) - total) <= limit);
  if (wrong) throw failed('logits, read and summed up on the device, differ');
}

/**
 * Runs the test on a backend with an empty cache and leaves it empty.
 * @throws VerseletError `no-device` with the reason.
 */
export async function runSelfTest(backend: Backend, { prompt, tokens }: SelfTest): Promise<void> {
  let last = prompt.at(-1)!;
  let logits = (await backend.forward(Int32Array.from(prompt))).slice();
  checkNumbers(logits);
  for (const [i, token] of tokens.slice(0, COMPARED).entries()) {
    const best = bestOf(logits);
    if (best !== token && logits[best]! - logits[token]! > CLOSE) throw failed(`token ${i} is ${best}, not ${token}`);
    logits = (await backend.forward(Int32Array.of(token))).slice();
    checkNumbers(logits);
    last = token;
  }
  // The same last position once more, as two rows over a shared cache.
  if (backend.length > 1) {
    await backend.select([0, 0], backend.length - 1);
    const twice = (await backend.forward(Int32Array.of(last, last))).slice();
    checkSame(twice.subarray(0, backend.vocab), logits, 'alone and in a batch, results');
    checkSame(twice.subarray(backend.vocab), logits, 'alone and in a batch, results');
    if (backend.reducer) {
      await backend.select([0], backend.length - 1);
      await checkReducer(backend.reducer, last, logits);
    }
  }
  await backend.select([0], 0);
}
