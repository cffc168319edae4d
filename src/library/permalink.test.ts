import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMOTIONS, FORM_NAMES } from '../poetry/types.ts';
import { parseRecipe, recipeQuery } from './permalink.ts';
import { decodePoem, encodePoem } from './poem-link.ts';

describe('parseRecipe', () => {
  it('reads what the page writes', () => {
    const request = { emotion: 'joy', form: 'haiku', theme: 'rain & “snow”', title: 'Thaw', firstLine: 'Ice', seed: 4294967295 } as const;
    const choice = { model: 'org/name@abc', hub: 'https://hub.example', device: 'wasm' } as const;
    expect(parseRecipe(recipeQuery(request, choice))).toEqual({ request, choice, compose: false });
  });

  it('leaves out what it does not know', () => {
    expect(parseRecipe('?emotion=hapy&form=ode&seed=-1&lines=9999&device=tpu&__proto__=x&compose=yes')).toEqual({
      request: {},
      choice: {},
      compose: false,
    });
  });

  it('takes a shared text as the theme', () => {
    expect(parseRecipe('?text=the%20sea').request.theme).toBe('the sea');
  });

  it('fault: hostile parameters are plain text or nothing', () => {
    const query = '?theme=a%00b%E2%80%AEc%0Ad&title=%3Cscript%3Ex%3C/script%3E&firstLine=%E2%80%A8&seed=1e9&lines=0x10&constructor=x&emotion[]=joy';
    expect(parseRecipe(query).request).toEqual({ theme: 'a bc d', title: '<script>x</script>' });
    expect(parseRecipe(`?theme=${'x'.repeat(1e6)}`).request.theme).toHaveLength(500);
  });

  it('never throws, and gives only well-formed text within the limits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (theme) => {
        const { request } = parseRecipe(`?theme=${encodeURIComponent(theme.replace(/[\uD800-\uDFFF]/g, ''))}`);
        const text = request.theme ?? '';
        expect(text.length).toBeLessThanOrEqual(500);
        expect(() => encodeURIComponent(text)).not.toThrow();
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (query) => void parseRecipe(query)));
  });
});

describe('a poem in a link', () => {
  const word = fc.stringMatching(/^[A-Za-z’áñ—]{1,12}$/);
  const poems = fc.record({
    title: word,
    stanzas: fc.array(fc.array(word, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 }),
    emotion: fc.constantFrom(...EMOTIONS),
    form: fc.constantFrom(...FORM_NAMES),
  });

  it('comes out as it went in', () => {
    fc.assert(fc.property(poems, (poem) => void expect(decodePoem(encodePoem(poem))).toEqual(poem)));
  });

  it('refuses anything else without throwing', () => {
    const bad = ['', 'x', '!!', encodePoem({ title: 't', stanzas: [], emotion: 'joy', form: 'free' }), 'A'.repeat(30_000)];
    for (const code of bad) expect(decodePoem(code)).toBeUndefined();
    fc.assert(fc.property(fc.base64String(), (code) => void decodePoem(code)));
  });

  it('takes unknown names for plain ones and drops control characters', () => {
    const code = encodePoem({ title: 'a\u0000b', stanzas: [['x\u202ey']], emotion: 'rage' as 'anger', form: 'ode' as 'free' });
    expect(decodePoem(code)).toMatchObject({ title: 'a b', emotion: 'neutral', form: 'free', stanzas: [['xy']] });
  });
});
