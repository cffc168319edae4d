/** Poems from outside (a file, a link, another page, an older store), checked field by field. */

import { badField, readChoice, readList, readNumber, readRecord, readText } from './fields.ts';
import { textOf } from './poem.ts';
import { readRequest } from './request-fields.ts';
import { oneLine, stripUnseen } from './text-hygiene.ts';
import { EMOTIONS, FORM_NAMES, type Poem, type PoemChecks } from './types.ts';

const MOST_LINES = 400;
const LONGEST_LINE = 1000;
const LONGEST_NAME = 500;
const POEM_FIELDS =
  'id title stanzas text emotion form seed request model device checks timings createdAt'.split(' ');
const TIMINGS = ['loadMs', 'firstLineMs', 'totalMs', 'tokens', 'tokensPerSecond'] as const;
const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true };
const AMOUNT = { min: 0, max: Number.MAX_VALUE };

/** A record with exactly these fields, each read by `read`. */
function readAll<K extends string, V>(
  value: unknown,
  name: string,
  keys: readonly K[],
  read: (field: unknown, name: string) => V,
): Record<K, V> {
  const fields = readRecord(value, name, keys);
  const entries = keys.map((key) => [key, read(fields.get(key), `${name}.${key}`)] as const);
  return Object.fromEntries(entries) as Record<K, V>;
}

const readName = (value: unknown, name: string): string => oneLine(readText(value, name, LONGEST_NAME));

function readLine(value: unknown, name: string): string {
  const line = stripUnseen(readText(value, name, LONGEST_LINE));
  if (line.includes('\n') || line.trim() === '') throw badField(name, 'must be one line with text in it');
  return line;
}

function readStanzas(value: unknown): string[][] {
  const stanzas = readList(value, 'stanzas', 1, MOST_LINES).map((stanza, at) =>
    readList(stanza, `stanzas[${at}]`, 1, MOST_LINES).map((line, index) => readLine(line, `stanzas[${at}][${index}]`)),
  );
  if (stanzas.flat().length > MOST_LINES) throw badField('stanzas', `must not have more than ${MOST_LINES} lines`);
  return stanzas;
}

function readChecks(value: unknown): PoemChecks {
  const fields = readRecord(value, 'checks', ['rhyme', 'syllables', 'nllPerToken', 'copiedWords']);
  const rhyme = readRecord(fields.get('rhyme'), 'checks.rhyme', ['scheme', 'wanted', 'kept']);
  const syllables = readRecord(fields.get('syllables'), 'checks.syllables', ['wanted', 'kept', 'perLine']);
  const count = (field: unknown, name: string): number => readNumber(field, `checks.${name}`, COUNT);
  const perLine = readList(syllables.get('perLine'), 'checks.syllables.perLine', 0, MOST_LINES);
  const scheme = readText(rhyme.get('scheme'), 'checks.rhyme.scheme', MOST_LINES);
  if (/[^A-Za-z-]/.test(scheme)) throw badField('checks.rhyme.scheme', 'takes letters and hyphens');
  return {
    rhyme: { scheme, wanted: count(rhyme.get('wanted'), 'rhyme.wanted'), kept: count(rhyme.get('kept'), 'rhyme.kept') },
    syllables: {
      wanted: count(syllables.get('wanted'), 'syllables.wanted'),
      kept: count(syllables.get('kept'), 'syllables.kept'),
      perLine: perLine.map((item, at) => count(item, `syllables.perLine[${at}]`)),
    },
    nllPerToken: readNumber(fields.get('nllPerToken'), 'checks.nllPerToken', AMOUNT),
    copiedWords: count(fields.get('copiedWords'), 'copiedWords'),
  };
}

function readDate(value: unknown, name: string): string {
  const text = readText(value, name, 40);
  const wellFormed = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  if (!wellFormed || Number.isNaN(Date.parse(text))) throw badField(name, 'must be a date and time in ISO 8601');
  return text;
}

function readId(value: unknown): string {
  const id = readText(value, 'id', 80);
  if (!/^[\w-]+$/.test(id)) throw badField('id', 'takes letters, digits, _ and -');
  return id;
}

/**
 * A poem that was kept, imported or shared, with nothing in it but what a {@link Poem} has. Its `text` is made from its
 * stanzas; control characters and direction overrides are stripped.
 * @throws VerseletError `bad-request`, with the field's name.
 */
export function parsePoem(value: unknown): Poem {
  const fields = readRecord(value, 'poem', POEM_FIELDS);
  const stanzas = readStanzas(fields.get('stanzas'));
  if (fields.has('text')) readText(fields.get('text'), 'text', MOST_LINES * LONGEST_LINE);
  return {
    id: readId(fields.get('id')),
    title: readName(fields.get('title'), 'title'),
    stanzas,
    text: textOf(stanzas),
    emotion: readChoice(fields.get('emotion'), 'emotion', EMOTIONS),
    form: readChoice(fields.get('form'), 'form', FORM_NAMES),
    seed: readNumber(fields.get('seed'), 'seed', { min: 0, max: 0xffffffff, integer: true }),
    request: readRequest(fields.get('request')),
    model: readAll(fields.get('model'), 'model', ['id', 'revision', 'dtype'], readName),
    device: readChoice(fields.get('device'), 'device', ['webgpu', 'wasm'] as const),
    checks: readChecks(fields.get('checks')),
    timings: readAll(fields.get('timings'), 'timings', TIMINGS, (field, name) => readNumber(field, name, AMOUNT)),
    createdAt: readDate(fields.get('createdAt'), 'createdAt'),
  };
}
