import { VerseletError } from '../errors.ts';
import type { Poem } from '../poetry/types.ts';
import type { ComposeOptions } from './client.ts';
import { isAbortSignal } from './composer-options.ts';

/** @throws VerseletError `bad-request`, naming the option. */
export function checkComposeOptions(options: unknown): asserts options is ComposeOptions {
  if (typeof options !== 'object' || options === null) throw new VerseletError('bad-request', 'The second argument must be an object.');
  const functions = ['onLine', 'onWriting', 'onDevice'];
  for (const [field, value] of Object.entries(options)) {
    const fine = value === undefined || (functions.includes(field) ? typeof value === 'function' : field === 'signal' && isAbortSignal(value));
    if (!fine) throw new VerseletError('bad-request', `Option "${field}" is unknown or of the wrong type.`);
  }
}

/** @throws VerseletError `bad-request` unless `line` is one of the poem's and `count` is 1 to 16. */
export function checkAlternatives(poem: Poem, line: unknown, count: unknown): void {
  const lines = poem.stanzas.flat().length;
  const whole = (value: unknown, from: number, to: number) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
  if (!whole(line, 0, lines - 1)) throw new VerseletError('bad-request', `"line" must be a whole number from 0 to ${lines - 1}.`);
  if (!whole(count, 1, 16)) throw new VerseletError('bad-request', '"count" must be a whole number from 1 to 16.');
}

/** A uint32 for requests that bring no seed. */
export function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}

/** What every call of a composer gets after its `dispose`. */
export function composerDisposed(): VerseletError {
  return new VerseletError('aborted', 'This composer was disposed of.', { hint: 'Create a new composer.' });
}
