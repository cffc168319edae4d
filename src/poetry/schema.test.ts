import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { LIMITS, parsePoem, parseRequest, REQUEST_FIELDS } from './request.ts';
import { BAD_POEM_CHANGES, BAD_REQUESTS, GOOD_REQUESTS, SAMPLE_POEM } from './samples.fixture.ts';
import { EMOTIONS, FORM_NAMES, QUATRAIN_SCHEMES } from './types.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../public/embed/${name}.schema.json`, import.meta.url), 'utf8'));
const requestSchema = read('request');
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
ajv.addSchema(requestSchema);
const isRequest = ajv.getSchema('request.schema.json')!;
const isPoem = ajv.compile(read('poem'));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('request.schema.json', () => {
  it.each(GOOD_REQUESTS)('takes %j, as the parser does', (request) => {
    expect(isRequest(request)).toBe(true);
    const parsed = parseRequest(request, () => 1);
    expect(isRequest(plain(parsed))).toBe(true);
  });

  it.each(BAD_REQUESTS)('refuses %.60j, as the parser does', (request) => {
    expect(isRequest(request)).toBe(false);
    expect(() => parseRequest(request, () => 1)).toThrow();
  });

  it('says what the code says', () => {
    const { properties } = requestSchema;
    expect(Object.keys(properties).sort()).toEqual([...REQUEST_FIELDS].sort());
    expect(properties.emotion.enum).toEqual(EMOTIONS);
    expect(properties.form.enum).toEqual(FORM_NAMES);
    expect(properties.scheme.enum).toEqual(QUATRAIN_SCHEMES);
    expect([properties.lines.maximum, properties.theme.maxLength, properties.topK.maximum]).toEqual([
      LIMITS.lines,
      LIMITS.text,
      LIMITS.topK,
    ]);
  });
});

describe('poem.schema.json', () => {
  it('takes the sample poem, as the parser does', () => {
    expect(isPoem(SAMPLE_POEM)).toBe(true);
    expect(isPoem(plain(parsePoem(SAMPLE_POEM)))).toBe(true);
  });

  it.each(BAD_POEM_CHANGES)('refuses %j, as the parser does', (change) => {
    const poem = plain({ ...SAMPLE_POEM, ...change });
    expect(isPoem(poem)).toBe(false);
    expect(() => parsePoem(poem)).toThrow();
  });
});
