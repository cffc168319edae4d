/** Trying again: which failures deserve it, how long to wait, when to give up. */

import type { VerseletError } from '../errors.ts';
import { throwIfAborted } from '../errors.ts';
import type { Clock } from './clock.ts';

/** Failures in a row, without a byte of progress, before the error is final. */
export const MAX_FAILURES = 5;
/** No byte for so long: the transfer is cut and asked for again. */
export const STALL_MS = 30_000;
/** No byte for so long over all attempts: final. Three stalls fit, and the whole stays under two minutes. */
const PATIENCE_MS = 85_000;
const FIRST_WAIT_MS = 500;
/** A server that asks for more than this is told to the reader instead of waited for. */
const LONGEST_WAIT_MS = 60_000;

/** A failure that may pass by itself; `error` is what it becomes when it does not. */
export class Transient extends Error {
  readonly error: VerseletError;
  readonly retryAfterMs: number | undefined;

  constructor(error: VerseletError, retryAfterMs?: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Counts failures since the last progress and waits between attempts. */
export class RetryBudget {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  #failures = 0;
  #since: number;

  constructor(clock: Clock, signal?: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#since = clock.now();
  }

  /** Bytes came: the count starts again. */
  progressed(): void {
    this.#failures = 0;
    this.#since = this.#clock.now();
  }

  /**
   * Waits before the next attempt.
   * @throws what is no {@link Transient} as it is; the transient's error when the budget is spent; `aborted`.
   */
  async spend(failure: unknown): Promise<void> {
    throwIfAborted(this.#signal);
    if (!(failure instanceof Transient)) throw failure;
    this.#failures += 1;
    const told = failure.retryAfterMs;
    const spent = this.#failures >= MAX_FAILURES || this.#clock.now() - this.#since > PATIENCE_MS;
    if (spent || (told !== undefined && told > LONGEST_WAIT_MS)) throw failure.error;
    const backoff = FIRST_WAIT_MS * 2 ** (this.#failures - 1) * (1 + 0.2 * this.#clock.random());
    const wait = told === undefined ? backoff : Math.max(told, FIRST_WAIT_MS);
    await this.#clock.wait(wait, this.#signal);
    // Waiting as told is obedience, not impatience: it does not use up the time.
    if (told !== undefined) this.#since += wait;
  }
}

/** Runs `attempt` until it succeeds or fails for good. @throws as {@link RetryBudget.spend}. */
export async function withRetry<T>(
  clock: Clock,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  const budget = new RetryBudget(clock, signal);
  for (;;) {
    try {
      return await attempt();
    } catch (failure) {
      await budget.spend(failure);
    }
  }
}
