import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptTitle, titleCase, titleFor, titlePhrases } from './titles.ts';

describe('titleCase', () => {
  it.each([
    ["nature's gift", "Nature's Gift"],
    ['the light of the sea', 'The Light of the Sea'],
    ["o'er the moon-lit sea", "O'er the Moon-Lit Sea"],
    ['LAST WORDS', 'Last Words'],
    ["'tis i", "'Tis I"],
    ['élan', 'Élan'],
    ['', ''],
  ])('%j becomes %j', (text, title) => {
    expect(titleCase(text)).toBe(title);
  });
});

describe('acceptTitle', () => {
  it.each([
    ['The Sea in Winter', 'The Sea in Winter'],
    [' "the sea." ', 'The Sea'],
    ['To —', 'To'],
  ])('takes %j', (title, shown) => {
    expect(acceptTitle(title, ['A line'])).toBe(shown);
  });

  it.each([
    '',
    '   ',
    '...',
    'one two three four five six seven eight nine',
    'The <|line|> Sea',
    'Sea ;; Sky',
    'The the Sea',
    'And all the stars, went out that night',
    'x'.repeat(80),
    'Chapter 1884',
    'The Sun On',
  ])('refuses %j', (title) => {
    expect(acceptTitle(title, ['And all the stars went out that night,'])).toBeUndefined();
  });
});

describe('titlePhrases', () => {
  it('are the nouns that the poem names, the most telling first, each once', () => {
    const lines = ['The lonely sea lay still,', 'A ship went out to the sea,', 'And my heart went with a ship.'];
    expect(titlePhrases(lines)).toEqual(['The Ship', 'The Lonely Sea', 'My Heart']);
    expect(titlePhrases(lines, 1)).toEqual(['The Ship']);
    expect(titlePhrases(['So it goes'])).toEqual([]);
  });
});

describe('titleFor', () => {
  it.each([
    ["O nature's hand, that made the sea,\nAnd nature's voice that sang to me,\nIn nature still I rest.", /Nature/],
    ['The sea is wide.\nThe sea is deep,\nAnd all the waves are fast asleep.', /Sea/],
    ['I go.\nThe bells are ringing,\nI stay.\nThe bells are ringing.', /^The Bells Are Ringing$/],
    ['', /^\S.*/],
    ['...', /^\S.*/],
    ['And so it is', /^\S.*/],
  ])('finds words in %j', (text, title) => {
    expect(titleFor(text)).toMatch(title);
  });

  it('is 1 to 8 words in title case, from any text, and no copy of the first line', () => {
    const word = fc.constantFrom('sea', 'Moon', "nature's", 'the', 'of', '--', '"', ',', '\n', '\n\n', 'é', 'go', 'light', '😀');
    const texts = fc.oneof(fc.array(word).map((words) => words.join(' ')), fc.string());
    fc.assert(
      fc.property(texts, (text) => {
        const title = titleFor(text);
        const first = text.split('\n').find((line) => line.trim() !== '') ?? '';
        const plain = (x: string) => x.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
        expect(title.split(' ').length).toBeLessThanOrEqual(8);
        expect(title).toMatch(/^'?[\p{L}\p{N}]/u);
        expect(title).not.toMatch(/'S\b|["—:;*_<>|]/);
        expect(plain(title)).not.toBe(plain(first));
      }),
      { numRuns: 1000 },
    );
  });
});
