/** A request's fields, each checked by itself. */

import { badField, readChoice, readList, readNumber, readRecord, readText } from './fields.ts';
import { acrosticLetters } from './layout.ts';
import { oneLine, stripUnseen } from './text-hygiene.ts';
import { EMOTIONS, FORM_NAMES, QUATRAIN_SCHEMES } from './types.ts';
import type { PoemRequest } from './types.ts';

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
