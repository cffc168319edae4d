import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerseletError } from '../errors.ts';
import { parseRequest, REQUEST_FIELDS } from './request.ts';
import { EMOTIONS, FORM_NAMES } from './types.ts';

const parse = (value: unknown) => parseRequest(value, () => 7);

/** The message of the `bad-request` that parsing must throw. */
function refusal(value: unknown): string {
  try {
    parse(value);
  } catch (error) {
    expect(error).toBeInstanceOf(VerseletError);
    expect((error as VerseletError).code).toBe('bad-request');
    return (error as VerseletError).message;
  }
  throw new Error('nothing was thrown');
}

describe('parseRequest', () => {
  it('fills in the defaults and draws a seed', () => {
    expect(parse(undefined)).toEqual({ emotion: 'neutral', form: 'free', rhyme: 'perfect', seed: 7, lines: 8 });
    expect(parse({ form: 'quatrains' })).toMatchObject({ scheme: 'ABAB', lines: 8 });
    expect(parse({ form: 'haiku', seed: 0 })).toEqual({ emotion: 'neutral', form: 'haiku', rhyme: 'perfect', seed: 0 });
    expect(parseRequest({}, () => -1).seed).toBe(0xffffffff);
  });

  it.each([
    ['emotion', { emotion: 'hapy' }],
    ['form', { form: 'ode' }],
    ['form', { form: 'constructor' }],
    ['lines', { lines: -1 }],
    ['lines', { lines: 0 }],
    ['lines', { lines: 65 }],
    ['lines', { lines: 2.5 }],
    ['lines', { lines: '4' }],
    ['lines', { lines: Number.NaN }],
    ['lines', { lines: null }],
    ['lines', { form: 'couplets', lines: 3 }],
    ['lines', { form: 'quatrains', lines: 6 }],
    ['lines', { form: 'ballad', lines: 2 }],
    ['lines', { form: 'sonnet', lines: 14 }],
    ['keep', { form: 'couplets', keep: ['One line'] }],
    ['keep', { lines: 1, keep: ['One', 'Two'] }],
    ['keep', { form: 'haiku', keep: [null, null, null, null] }],
    ['keep', { keep: [] }],
    ['keep[1]', { keep: [null, 3] }],
    ['keep[0]', { keep: ['two\nlines'] }],
    ['keep[0]', { keep: ['  '] }],
    ['theme', { theme: 'x'.repeat(100_000) }],
    ['theme', { theme: '\ud800' }],
    ['theme', { theme: ['sea'] }],
    ['title', { title: 'a\udfff' }],
    ['firstLine', { firstLine: 'x'.repeat(501) }],
    ['firstLine', { firstLine: 'Two', keep: ['One'] }],
    ['acrostic', { acrostic: 'A'.repeat(65) }],
    ['acrostic', { acrostic: 'A1' }],
    ['acrostic', { acrostic: 'Жук' }],
    ['acrostic', { form: 'haiku', acrostic: 'FOUR' }],
    ['acrostic', { lines: 2, acrostic: 'SEA' }],
    ['acrostic', { form: 'triolet', acrostic: 'SPRING' }],
    ['seed', { seed: -1 }],
    ['seed', { seed: 4294967296 }],
    ['seed', { seed: 1.5 }],
    ['temperature', { temperature: 0 }],
    ['temperature', { temperature: Infinity }],
    ['topK', { topK: -1 }],
    ['topP', { topP: 0 }],
    ['topP', { topP: 1.01 }],
    ['minP', { minP: 1 }],
    ['candidates', { candidates: 0 }],
    ['candidates', { candidates: 65 }],
    ['preset', { preset: 'gpt' }],
    ['scheme', { scheme: 'ABAB' }],
    ['scheme', { form: 'quatrains', scheme: 'AAAA' }],
    ['arc', { arc: [] }],
    ['arc', { arc: 'joy' }],
    ['arc[1]', { arc: ['joy', 'bliss'] }],
    ['rhyme', { rhyme: 'eye' }],
    ['mood', { mood: 'joy' }],
    ['__proto__', JSON.parse('{"__proto__": {"emotion": "joy"}}')],
    ['constructor', { constructor: 1 }],
    ['?', { '\u202e': 1 }],
  ])('refuses a bad %s and names it', (name, value) => {
    expect(refusal(value)).toContain(`"${name}"`);
  });

  it.each([null, 1, 'joy', [], () => 1, Symbol.iterator])('refuses what is no object (%#)', (value) => {
    expect(refusal(value)).toContain('object');
  });

  it('keeps its messages short for hostile names and values', () => {
    expect(refusal({ ['x'.repeat(1_000_000)]: 1 }).length).toBeLessThan(120);
    expect(refusal({ emotion: 'x'.repeat(1_000_000) }).length).toBeLessThan(200);
  });

  it('strips controls, direction overrides and the marks of special tokens', () => {
    const parsed = parse({
      theme: ' the\u0000 sea\u202e\n at\tnight ',
      title: '<|endoftext|>Sea',
      keep: ['A <|line|> kept\u200b line', null],
    });
    expect(parsed.theme).toBe('the sea at night');
    expect(parsed.title).toBe('Sea');
    expect(parsed.keep).toEqual(['A   kept line', null]);
    expect(JSON.stringify(parse({ theme: '<<||endoftext||>>' }))).not.toMatch(/<\||\|>/);
  });

  it('takes empty texts and undefined fields for absent', () => {
    expect(parse({ theme: '', title: ' ', acrostic: '', firstLine: undefined })).toEqual(parse({}));
  });

  it.each([
    [{ keep: [null, 'Two', null] }, 3],
    [{ acrostic: 'Ségo!' }, 4],
    [{ form: 'couplets', acrostic: 'SEA' }, 4],
    [{ form: 'quatrains', arc: ['joy', 'fear', 'trust'] }, 12],
    [{ form: 'ballad' }, 8],
    [{ lines: 64 }, 64],
    [{ preset: 'autocompose' }, undefined],
  ])('decides the number of lines of %j: %s', (request, lines) => {
    expect(parse(request).lines).toBe(lines);
  });

  it('gives the preset what AutoCompose used, and the caller the last word', () => {
    expect(parse({ preset: 'autocompose', topK: 9 })).toMatchObject({ topK: 9, topP: 0.95, candidates: 1 });
  });

  it('lets an arc override the emotion', () => {
    expect(parse({ emotion: 'joy', arc: ['fear', 'trust'] }).emotion).toBe('fear');
  });

  it('parses its own result to the same', () => {
    const requests = fc.record(
      {
        emotion: fc.constantFrom(...EMOTIONS),
        form: fc.constantFrom(...FORM_NAMES),
        arc: fc.array(fc.constantFrom(...EMOTIONS), { minLength: 1, maxLength: 20 }),
        theme: fc.string({ maxLength: 30 }),
        firstLine: fc.string({ maxLength: 30 }),
        preset: fc.constant('autocompose'),
        temperature: fc.double({ min: 0.1, max: 4, noNaN: true }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(requests, (request) => {
        const once = parse(request);
        expect(parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
      }),
    );
  });

  it('answers any value with a request or a bad-request', () => {
    const fields = fc.dictionary(fc.constantFrom(...REQUEST_FIELDS, 'other'), fc.anything());
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fields), (value) => {
        try {
          expect(FORM_NAMES).toContain(parse(value).form);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-request' });
        }
      }),
    );
  });
});
