/** What the failure of a runtime or device means, told by its message: they throw errors, numbers and strings. */

import { asVerseletError, VerseletError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';

const MEMORY = new RegExp(
  'out of memory|out-of-memory|bad_alloc|allocation failed|failed to allocate|cannot enlarge memory' +
    '|could not allocate|invalid typed array length|memory\\.grow|buffer size .* (?:exceeds|greater)',
  'i',
);

const LOST = new RegExp(
  'device (?:is |was |has been )?lost|lost.{0,20}device|device (?:is |was )?destroyed' +
    '|external instance reference no longer exists|context lost|gpu process',
  'i',
);

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  'out-of-memory': 'The device has not enough memory for this model.',
  'device-lost': 'The device stopped working.',
};

/**
 * `error` with the code that says what to do: `out-of-memory`, `device-lost`, or `otherwise`; VerseletErrors and aborts
 * stay what they are.
 */
export function deviceError(error: unknown, otherwise: 'no-device' | 'device-lost'): VerseletError {
  const known = asVerseletError(error);
  if (known === error || known.code === 'aborted') return known;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  let code: ErrorCode = otherwise;
  if (MEMORY.test(text)) code = 'out-of-memory';
  else if (LOST.test(text)) code = 'device-lost';
  const said = text.replace(/\s+/g, ' ').slice(0, 300);
  const sentence = SENTENCES[code] ?? 'The device cannot run this model.';
  return new VerseletError(code, `${sentence} (${said})`, { cause: error });
}
