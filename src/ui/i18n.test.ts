import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../errors.ts';
import { matchLanguage } from './i18n.ts';
import { english } from './strings.ts';
import { spanish } from './strings.es.ts';

/** Paths of all sentences: objects are walked, everything else is a leaf. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, field]) => leaves(field, `${path}.${key}`));
}

describe('languages', () => {
  it('has every sentence in Spanish, and none of them empty', () => {
    const translated = new Map(leaves(spanish));
    for (const [path, value] of leaves(english)) {
      const other = translated.get(path);
      expect(typeof other, path).toBe(typeof value);
      if (typeof other === 'string') expect(other.trim(), path).not.toBe('');
    }
  });

  it('is a translation: few sentences are the same in both', () => {
    const translated = new Map(leaves(spanish));
    const words = leaves(english).filter(([, value]) => typeof value === 'string' && /[a-z]{3,} [a-z]{3,}/.test(value as string));
    const same = words.filter(([path, value]) => translated.get(path) === value).map(([path]) => path);
    expect(same).toEqual([]);
  });

  it('says a fault in the reader’s language, with the engine’s own words behind it', () => {
    for (const code of ERROR_CODES) {
      const error = { code, message: 'The file differs.', hint: 'Try again.' };
      expect(english.fault(error)).toBe('The file differs. Try again.');
      expect(spanish.fault(error)).toMatch(/^[^(]*[áéíóúñ¿¡\p{L}][^(]*\(En inglés: The file differs\. Try again\.\)$/u);
      expect(spanish.fault(error).startsWith(spanish.errors[code])).toBe(true);
      expect(spanish.faultDetail(error)).not.toBe(english.faultDetail(error));
    }
    const sentences = ERROR_CODES.map((code) => spanish.faultDetail({ code, message: '', hint: '' }));
    expect(new Set(sentences).size).toBe(ERROR_CODES.length);
  });

  it('matches the reader’s languages in order', () => {
    expect(matchLanguage(['de-DE', 'es-MX', 'en'])).toBe('es');
    expect(matchLanguage(['de', 'fr'])).toBe('en');
    expect(matchLanguage([])).toBe('en');
  });
});
