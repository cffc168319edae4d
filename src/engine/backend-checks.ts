/** What every backend asks of its caller before it computes. */

import { VerseletError } from '../errors.ts';
import type { Backend } from './types.ts';

/**
 * The number of steps in `tokens`, checked against the cache and the vocabulary. An id out of range or a position that
 * does not exist would otherwise kill the runtime's session for good.
 * @throws VerseletError `bad-request`.
 */
export function stepsOf(backend: Pick<Backend, 'rows' | 'length' | 'context' | 'vocab'>, tokens: Int32Array): number {
  const steps = tokens.length / backend.rows;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new VerseletError('bad-request', `${tokens.length} tokens do not fill ${backend.rows} rows.`);
  }
  if (backend.length + steps > backend.context) {
    throw new VerseletError('bad-request', `The model has only ${backend.context} positions.`);
  }
  for (const token of tokens) {
    if (token < 0 || token >= backend.vocab) {
      throw new VerseletError('bad-request', `Token ${token} is not in the vocabulary of ${backend.vocab}.`);
    }
  }
  return steps;
}

/**
 * Checks the arguments of `Backend.select`.
 * @throws VerseletError `bad-request`.
 */
export function checkSelect(
  backend: Pick<Backend, 'rows' | 'length'>,
  from: readonly number[],
  length: number,
): void {
  const rowsExist = from.every((row) => Number.isInteger(row) && row >= 0 && row < backend.rows);
  if (from.length === 0 || !rowsExist) {
    throw new VerseletError('bad-request', `Rows ${from.join(', ')} are not in a cache of ${backend.rows}.`);
  }
  if (!Number.isInteger(length) || length < 0 || length > backend.length) {
    throw new VerseletError('bad-request', `The cache has ${backend.length} positions, not ${length}.`);
  }
}
