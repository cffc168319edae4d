import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLine, cleanPunctuation, isDangling } from './punctuation.ts';

const letters = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? [];

describe('cleanPunctuation', () => {
  it.each([
    ['', ''],
    [' \n\n ', ''],
    ['--\n...\n', ''],
    ['go!--and', 'go!—and'],
    ['I go!--and come,', 'I go!—and come.'],
    [': The sea', 'The sea'],
    ['The sea : wide', 'The sea: wide'],
    ['--The sea', 'The sea'],
    ['The sea,-and sky', 'The sea, and sky'],
    ['The sea, -- and sky', 'The sea—and sky'],
    ['The sea.,', 'The sea.'],
    ['The sea!; and', 'The sea! and'],
    ['The sea.: and', 'The sea. and'],
    ['The _wide_ sea', 'The wide sea'],
    ['a_b', 'a b'],
    ['Oh!! what??', 'Oh! what?'],
    ['What?!', 'What?'],
    ['so long.... ago', 'so long... ago'],
    ['so long .. ago', 'so long. ago'],
    ['The sea , the sky', 'The sea, the sky'],
    ['The “sea” and ‘sky’', "The \"sea\" and 'sky'"],
    ['The sea" is wide', 'The sea is wide'],
    ['"The sea is wide', 'The sea is wide'],
    ['The (sea is wide', 'The sea is wide'],
    ['The sea) is [wide', 'The sea is wide'],
    ['The () sea "" is', 'The sea is'],
    ["'Tis o'er th' boys' sea", "'Tis o'er th' boys' sea"],
    ["'Come, he said, and wept", 'Come, he said, and wept'],
    ["'Come,' he said", "'Come,' he said"],
    ['The moon-light – cold', 'The moon-light—cold'],
    ['One;two,three.four', 'One; two, three. four'],
    ['At 10:30 and 2.5', 'At 10:30 and 2.5'],
    ['The sea <|line|> wide', 'The sea wide'],
    ['The sea,"', 'The sea.'],
    ['"The sea,"', '"The sea."'],
    ['The sea—', 'The sea.'],
    ['The sea;', 'The sea.'],
  ])('%j becomes %j', (before, after) => {
    expect(cleanPunctuation(before)).toBe(after);
  });

  it('keeps stanza breaks, one blank line each', () => {
    expect(cleanPunctuation('one\r\ntwo\r\n\r\n\r\nthree\n \nfour')).toBe('one\ntwo\n\nthree\n\nfour');
  });

  it('gives each line a capital where most lines have one, and a stop where lines have marks', () => {
    expect(cleanPunctuation('The sea,\nand sky,\nAnd land')).toBe('The sea,\nAnd sky,\nAnd land.');
    expect(cleanPunctuation('the sea\nAnd sky\nand land')).toBe('the sea\nAnd sky\nand land');
  });

  it('balances quotes by stanza', () => {
    expect(cleanPunctuation('"Come,\nSaid he,\n\n"And go," she said.')).toBe('Come,\nSaid he,\n\n"And go," she said.');
    expect(cleanPunctuation('He said: "Come,\nAnd go."')).toBe('He said: "Come,\nAnd go."');
  });

  const words = ['sea', "'tis", "o'er", 'Moon', 'é', '1', 'ß', '😀', ' ', '\n', '\n\n', '\t', '\u202e'];
  const marks = [...',.!?:;-—"\'()[]…_*“”’¿ ', '--', '<|', '|>'];
  const piece = fc.constantFrom(...words, ...marks);
  const texts = fc.oneof(fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')), fc.string(), fc.string({ unit: 'grapheme' }));

  it('is idempotent', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = cleanPunctuation(text);
        expect(cleanPunctuation(once)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  it('never touches words', () => {
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!/<\|[\w-]*\|>/.test(text));
        expect(letters(cleanPunctuation(text)).join('')).toBe(letters(text).join(''));
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves no odd punctuation', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const clean = cleanPunctuation(text);
        expect(clean.replaceAll('...', '')).not.toMatch(/[,;:.!?]{2}|--|[_*]|,-| [,;:.!?]|^[,;:—]/m);
        expect((clean.match(/"/g)?.length ?? 0) % 2).toBe(0);
        expect(clean.match(/\(/g)?.length).toBe(clean.match(/\)/g)?.length);
        expect(clean).not.toMatch(/[,;:—]$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('cleanLine', () => {
  it('cleans one line and leaves its end open', () => {
    expect(cleanLine('and  all the stars -- went out ,', { capital: true })).toBe('And all the stars—went out,');
    expect(cleanLine('one\ntwo')).toBe('one two');
    expect(cleanLine('')).toBe('');
  });
});

describe('isDangling', () => {
  it.each([
    ['And all the', true],
    ['I think of,', true],
    ['I think of.', false],
    ['And all the stars', false],
    ['', false],
  ])('%j: %s', (line, dangling) => {
    expect(isDangling(line)).toBe(dangling);
  });
});
