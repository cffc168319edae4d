/** Readers for the fields of untrusted JSON. Each throws a `bad-request` that names the field; none prints a value. */

import { VerseletError } from '../errors.ts';
import { hasLoneSurrogate } from './text-hygiene.ts';

const LONGEST_NAME = 40;

/** A `bad-request` about one field. */
export function badField(name: string, problem: string): VerseletError {
  return new VerseletError('bad-request', `The field "${name}" ${problem}.`);
}

/** A field's name, fit to be shown. */
function showName(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/g, '?');
  return plain.length > LONGEST_NAME ? `${plain.slice(0, LONGEST_NAME)}...` : plain;
}

/**
 * The own fields of a plain object, without those set to undefined.
 * @param what how messages call the object.
 * @throws VerseletError `bad-request` for anything else, and for a field that is not in `known`.
 */
export function readRecord(value: unknown, what: string, known: readonly string[]): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new VerseletError('bad-request', `The ${what} must be an object.`);
  }
  const fields = new Map<string, unknown>();
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw badField(showName(name), `is not a field of the ${what}`);
    const field: unknown = Reflect.get(value, name);
    if (field !== undefined) fields.set(name, field);
  }
  return fields;
}

/** @throws VerseletError `bad-request` unless `value` is one of `choices`. */
export function readChoice<T extends string>(value: unknown, name: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw badField(name, `must be one of ${choices.join(', ')}`);
  return found;
}

/** The limits of a number, both inclusive unless said otherwise. */
export interface Range {
  min: number;
  max: number;
  /** Whole numbers only. */
  integer?: boolean;
  /** `min` itself is not allowed. */
  above?: boolean;
  /** `max` itself is not allowed. */
  below?: boolean;
}

function describe(range: Range): string {
  const kind = range.integer ? 'a whole number' : 'a number';
  const low = range.above ? `above ${range.min}` : `from ${range.min}`;
  return `must be ${kind} ${low} ${range.below ? 'to below' : 'to'} ${range.max}`;
}

/** @throws VerseletError `bad-request` unless `value` is a number within `range`. */
export function readNumber(value: unknown, name: string, range: Range): number {
  const fits =
    typeof value === 'number' &&
    (range.above ? value > range.min : value >= range.min) &&
    (range.below ? value < range.max : value <= range.max) &&
    (!range.integer || Number.isInteger(value));
  if (!fits) throw badField(name, describe(range));
  return value + 0; // Minus zero is zero.
}

/** @throws VerseletError `bad-request` unless `value` is well-formed text of at most `longest` UTF-16 units. */
export function readText(value: unknown, name: string, longest: number): string {
  if (typeof value !== 'string') throw badField(name, 'must be a text');
  if (value.length > longest) throw badField(name, `must not be longer than ${longest} characters`);
  if (hasLoneSurrogate(value)) throw badField(name, 'holds half a character (a lone surrogate)');
  return value;
}

/** @throws VerseletError `bad-request` unless `value` is a list of `min` to `max` items. */
export function readList(value: unknown, name: string, min: number, max: number): unknown[] {
  if (!Array.isArray(value) || value.length < min || value.length > max) {
    throw badField(name, `must be a list of ${min} to ${max} items`);
  }
  return Array.from(value as unknown[]);
}
