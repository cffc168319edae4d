import { describe, expect, it } from 'vitest';
import { FORM_NAMES, type FormName, type PoemRequest } from '../poetry/types.ts';
import { parseRequest } from '../poetry/request.ts';
import { expectedRows, withForm } from './form-shape.ts';

describe('expectedRows', () => {
  it('counts lines and the rows between stanzas', () => {
    expect(expectedRows({ form: 'sonnet' })).toBe(14 + 3);
    expect(expectedRows({ form: 'haiku' })).toBe(3);
    expect(expectedRows({ form: 'couplets', lines: 6 })).toBe(6 + 2);
  });

  it('is zero for a request that will be refused', () => {
    expect(expectedRows({ form: 'couplets', lines: 3 })).toBe(0);
  });
});

describe('withForm', () => {
  it('leaves a request that the composer takes, from every form to every form', () => {
    for (const from of FORM_NAMES) {
      for (const to of FORM_NAMES) {
        const first: PoemRequest = from === 'quatrains' ? { form: from, scheme: 'ABBA', lines: 8 } : { form: from };
        const next = withForm(from === 'free' ? { form: 'free' satisfies FormName, lines: 7 } : first, to);
        expect(() => parseRequest(next, () => 0), `${from} to ${to}`).not.toThrow();
      }
    }
  });
});
