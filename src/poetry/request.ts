/** What callers ask for, checked: JSON in, a request with its defaults and seed out, or an error that names the field. */

import { badField } from './fields.ts';
import { FORMS } from './forms.ts';
import { acrosticLetters, linesOf } from './layout.ts';
import { LIMITS, readRequest } from './request-fields.ts';
import { oneLine } from './text-hygiene.ts';
import type { ParsedRequest } from './types.ts';

export { LIMITS, REQUEST_FIELDS } from './request-fields.ts';
export { parsePoem } from './saved-poem.ts';

const roundUp = (count: number, step: number): number => Math.ceil(count / step) * step;

/** The number of lines where the caller gave none: from the kept lines, the acrostic or the arc, else the form's own. */
function defaultLines(request: ParsedRequest): number | undefined {
  const { length, stanzas } = FORMS[request.form];
  if (!length) return undefined;
  if (request.keep) return request.keep.length;
  const letters = acrosticLetters(request.acrostic ?? '').length;
  if (letters > 0) return roundUp(letters, length.step);
  if (request.preset && request.form === 'free') return undefined;
  return Math.min(LIMITS.lines, Math.max(length.default, (request.arc?.length ?? 0) * stanzas[0]!));
}

function checkLines(request: ParsedRequest, given: boolean): void {
  const { form, lines, keep } = request;
  const step = FORMS[form].length?.step;
  if (lines !== undefined && step === undefined) throw badField('lines', `is not for the form ${form}, which fixes it`);
  if (lines !== undefined && lines % step! !== 0) {
    throw badField(given ? 'lines' : 'keep', `must give ${form} a number of lines that ${step} divides`);
  }
  const count = linesOf(request);
  if (keep && keep.length > count) throw badField('keep', `has more lines than the poem (${count})`);
  if (acrosticLetters(request.acrostic ?? '').length > count) {
    throw badField('acrostic', `has more letters than the poem has lines (${count})`);
  }
}

function checkTogether(request: ParsedRequest): void {
  if (request.scheme && request.form !== 'quatrains') throw badField('scheme', 'is for the form quatrains only');
  const kept = request.keep?.[0];
  if (typeof kept === 'string' && request.firstLine !== undefined && oneLine(kept) !== request.firstLine) {
    throw badField('firstLine', 'differs from the first kept line');
  }
  const { scheme } = FORMS[request.form];
  acrosticLetters(request.acrostic ?? '').forEach((letter, index, all) => {
    const first = scheme[index] && scheme[index].length > 1 ? scheme.indexOf(scheme[index]) : index;
    if (letter !== all[first]) throw badField('acrostic', `asks line ${index + 1} to differ from the refrain it repeats`);
  });
}

/**
 * A request, checked and completed: emotion, form, rhyme, seed, scheme and number of lines are there where they apply.
 * Parsing the result again gives the same.
 * @param value JSON from anywhere; undefined means `{}`.
 * @param drawSeed gives a uint32; asked only when the request has no seed.
 * @throws VerseletError `bad-request`, with the field's name.
 */
export function parseRequest(value: unknown, drawSeed: () => number): ParsedRequest {
  const read = value === undefined ? {} : readRequest(value);
  const request: ParsedRequest = {
    ...read,
    emotion: read.arc?.[0] ?? read.emotion ?? 'neutral',
    form: read.form ?? 'free',
    rhyme: read.rhyme ?? 'perfect',
    seed: read.seed ?? drawSeed() >>> 0,
  };
  checkTogether(request);
  if (request.form === 'quatrains') request.scheme ??= 'ABAB';
  if (request.preset) Object.assign(request, { topK: 50, topP: 0.95, candidates: 1, ...read });
  const lines = read.lines ?? defaultLines(request);
  if (lines !== undefined) request.lines = lines;
  checkLines(request, read.lines !== undefined);
  return request;
}
