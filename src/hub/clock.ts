/** Time as the hub side sees it, so that tests need no waiting. */

import { throwIfAborted } from '../errors.ts';

export interface Clock {
  /** Milliseconds since some fixed moment; may jump when the machine's clock is set. */
  now(): number;
  /** Resolves after `ms`. @throws VerseletError `aborted` when the signal fires first. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms` unless the returned function is called before. */
  after(ms: number, run: () => void): () => void;
  /** Uniform in [0, 1), for the jitter of retries. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  wait(ms, signal) {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', settle);
        try {
          throwIfAborted(signal);
          resolve();
        } catch (error) {
          reject(error);
        }
      };
      const timer = setTimeout(settle, signal?.aborted ? 0 : ms);
      signal?.addEventListener('abort', settle, { once: true });
    });
  },
};
