import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stanzasOf, textOf, toMarkdown } from './poem.ts';
import { parsePoem } from './request.ts';
import { BAD_POEM_CHANGES, SAMPLE_POEM } from './samples.fixture.ts';

describe('parsePoem', () => {
  it('takes a poem as it is', () => {
    expect(parsePoem(JSON.parse(JSON.stringify(SAMPLE_POEM)))).toEqual(SAMPLE_POEM);
  });

  it('makes the text from the stanzas, and strips what cannot be seen', () => {
    const poem = parsePoem({ ...SAMPLE_POEM, text: 'other', title: 'A\u202eB', stanzas: [['<|line|>One\u0000 line']] });
    expect(poem.text).toBe(' One line');
    expect(poem.title).toBe('AB');
  });

  it.each(BAD_POEM_CHANGES)('refuses %j', (change) => {
    expect(() => parsePoem({ ...SAMPLE_POEM, ...change })).toThrowError(expect.objectContaining({ code: 'bad-request' }));
  });

  it('answers any value in any field with a poem or a bad-request', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...Object.keys(SAMPLE_POEM)), (value, field) => {
        try {
          expect(parsePoem({ ...SAMPLE_POEM, [field]: value }).form).toBeTypeOf('string');
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-request' });
        }
      }),
    );
  });
});

describe('text and stanzas', () => {
  it('undo each other', () => {
    const line = fc.constantFrom('The sea', 'and sky,', 'é —');
    fc.assert(
      fc.property(fc.array(fc.array(line, { minLength: 1 })), (stanzas) => {
        expect(stanzasOf(textOf(stanzas))).toEqual(stanzas);
      }),
    );
    expect(stanzasOf('a\r\n\r\n\r\n b \n\n')).toEqual([['a'], ['b']]);
    expect(textOf([[], ['a'], []])).toBe('a');
  });

  it('writes Markdown that shows the text as it is', () => {
    const markdown = toMarkdown({ title: 'A *star*', stanzas: [['1. One', '# two_'], ['- <b>']] });
    expect(markdown).toBe('## A \\*star\\*\n\n1\\. One  \n\\# two\\_\n\n\\- \\<b\\>\n');
  });
});
