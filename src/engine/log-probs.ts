/** Log-probabilities from rows of logits. */

import { VerseletError } from '../errors.ts';
import { decaySum } from './decay.ts';

/** Place of the highest logit, the lowest among equals; NaN is passed over. */
export function placeOfTop(logits: Float32Array): number {
  let best = 0;
  let top = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i]! > top) {
      top = logits[i]!;
      best = i;
    }
  }
  return best;
}

/** top + log(Σ exp(logits - top)), given both. @throws VerseletError `device-lost`. */
export function logOf(top: number, sum: number): number {
  // NaN among the logits is NaN in the sum.
  if (!Number.isFinite(top) || !(sum > 0)) {
    throw new VerseletError('device-lost', 'The device gave results that are not numbers.');
  }
  return top + Math.log(sum);
}

/**
 * log(Σ exp(logits)) in double precision, within 1e-7; [vocab] → number.
 * @throws VerseletError `device-lost` when the logits are NaN, +Infinity or all -Infinity: the device computes wrongly.
 */
export function logSumExp(logits: Float32Array): number {
  const top = logits[placeOfTop(logits)]!;
  return logOf(top, decaySum(logits, top));
}

/** Natural log of the probability of `token` under `logits`, [vocab]. @throws VerseletError `device-lost`. */
export function logProbOf(logits: Float32Array, token: number): number {
  return logits[token]! - logSumExp(logits);
}
