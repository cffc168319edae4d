/** What callers ask for, checked: JSON in, a request with its defaults and seed out, or an error that names the field. */

import { badField, readChoice, readList, readNumber, readRecord, readText } from './fields.ts';
import { FORMS } from './forms.ts';
import { acrosticLetters, linesOf } from './layout.ts';
import { oneLine, stripUnseen } from './text-hygiene.ts';
import { EMOTIONS, FORM_NAMES, QUATRAIN_SCHEMES } from './types.ts';
import type { ParsedRequest, PoemRequest } from './types.ts';

/** Limits of a request; the JSON Schema says the same. */
export const LIMITS = {
  lines: 64,
  text: 500,
  acrosticLetters: 64,
  candidates: 64,
  seed: 0xffffffff,
  temperature: 4,
  topK: 1_000_000,
} as const;

type Fields = { readonly [K in keyof PoemRequest]-?: (value: unknown, name: string) => PoemRequest[K] };

const text = (value: unknown, name: string): string | undefined =>
  oneLine(readText(value, name, LIMITS.text)) || undefined;

function keptLine(value: unknown, name: string): string | null {
  if (value === null) return null;
  const line = stripUnseen(readText(value, name, LIMITS.text));
  if (line.includes('\n')) throw badField(name, 'must be a single line');
  if (line.trim() === '') throw badField(name, 'must hold a line, or null where a line is to be written');
  return line;
}

function acrostic(value: unknown, name: string): string | undefined {
  const given = text(value, name);
  if (given === undefined) return undefined;
  if (/[^\p{L}\p{M}\s'’.,!?-]/u.test(given)) throw badField(name, 'takes letters only');
  if (/\p{L}/u.test(given.normalize('NFD').replace(/[A-Za-z\p{M}]/gu, ''))) {
    throw badField(name, 'takes the letters A to Z only');
  }
  const count = acrosticLetters(given).length;
  if (count === 0 || count > LIMITS.acrosticLetters) {
    throw badField(name, `must have 1 to ${LIMITS.acrosticLetters} letters`);
  }
  return given;
}

const FIELDS: Fields = {
  emotion: (value, name) => readChoice(value, name, EMOTIONS),
  arc: (value, name) =>
    readList(value, name, 1, LIMITS.lines).map((item, at) => readChoice(item, `${name}[${at}]`, EMOTIONS)),
  form: (value, name) => readChoice(value, name, FORM_NAMES),
  scheme: (value, name) => readChoice(value, name, QUATRAIN_SCHEMES),
  rhyme: (value, name) => readChoice(value, name, ['perfect', 'near'] as const),
  theme: text,
  title: text,
  firstLine: text,
  acrostic,
  lines: (value, name) => readNumber(value, name, { min: 1, max: LIMITS.lines, integer: true }),
  keep: (value, name) => readList(value, name, 1, LIMITS.lines).map((item, at) => keptLine(item, `${name}[${at}]`)),
  seed: (value, name) => readNumber(value, name, { min: 0, max: LIMITS.seed, integer: true }),
  temperature: (value, name) => readNumber(value, name, { min: 0, above: true, max: LIMITS.temperature }),
  topK: (value, name) => readNumber(value, name, { min: 0, max: LIMITS.topK, integer: true }),
  topP: (value, name) => readNumber(value, name, { min: 0, above: true, max: 1 }),
  minP: (value, name) => readNumber(value, name, { min: 0, max: 1, below: true }),
  candidates: (value, name) => readNumber(value, name, { min: 1, max: LIMITS.candidates, integer: true }),
  preset: (value, name) => readChoice(value, name, ['autocompose'] as const),
};

/** The names of a request's fields. */
export const REQUEST_FIELDS = Object.keys(FIELDS) as (keyof PoemRequest)[];

/**
 * A request's fields, each checked by itself; no defaults yet.
 * @throws VerseletError `bad-request`.
 */
export function readRequest(value: unknown): PoemRequest {
  const request: Record<string, unknown> = {};
  for (const [name, field] of readRecord(value, 'request', REQUEST_FIELDS)) {
    const read = FIELDS[name as keyof PoemRequest](field, name);
    if (read !== undefined) request[name] = read;
  }
  return request;
}

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
