import { describe, expect, it } from 'vitest';
import { layoutOf } from '../poetry/layout.ts';
import { parseRequest } from '../poetry/request.ts';
import type { PoemRequest } from '../poetry/types.ts';
import { RhymeBook } from './rhyme-book.ts';
import { openStudio } from './studio.ts';
import { ChanceModel, resources } from './testing/chance-model.ts';

const { prosody } = await openStudio({ model: new ChanceModel(), dialect: 'plan', resources });

function bookOf(request: PoemRequest) {
  const { slots } = layoutOf(parseRequest(request, () => 1));
  return { slots, book: new RhymeBook(prosody, slots, { near: request.rhyme === 'near', free: request.form === 'free' }) };
}

describe('the rhyme book', () => {
  it('offers only rhymes of the line that is answered, and never its word', () => {
    const { slots, book } = bookOf({ form: 'couplets' });
    book.take(slots[0]!, 'And so we came into the light');
    const words = book.wordsFor(slots[1]!);
    expect(words).toContain('night');
    expect(words).not.toContain('light');
    for (const word of words) expect(prosody.rhymeOf(word, 'light')).toBe('perfect');
  });

  it('gives a new letter a sound that is not in use, with rhymes enough', () => {
    const { slots, book } = bookOf({ form: 'quatrains' });
    book.take(slots[0]!, 'And so we came into the light');
    const words = book.wordsFor(slots[1]!);
    expect(words).not.toContain('night');
    expect(words.length).toBeGreaterThan(500);
    expect(words).not.toContain('month');
  });

  it('takes the sound of a locked line that comes later', () => {
    const { slots, book } = bookOf({ form: 'couplets', lines: 2, keep: [null, 'Upon a silver stream'] });
    expect(book.wordsFor(slots[0]!)).toContain('dream');
  });

  it('lets near rhymes in where they are asked for', () => {
    const perfect = bookOf({ form: 'couplets' });
    const near = bookOf({ form: 'couplets', rhyme: 'near' });
    for (const { slots, book } of [perfect, near]) book.take(slots[0]!, 'All that I have is love');
    expect(near.book.wordsFor(near.slots[1]!).length).toBeGreaterThan(perfect.book.wordsFor(perfect.slots[1]!).length);
  });

  it('keeps to the beat of iambic lines', () => {
    const { slots, book } = bookOf({ form: 'sonnet' });
    const words = book.wordsFor(slots[0]!);
    expect(words).toContain('away');
    expect(words).not.toContain('sorrow');
  });

  it('falls back to anything rather than to nothing', () => {
    const { slots, book } = bookOf({ form: 'couplets', lines: 2, keep: ['The colour of an orange', null] });
    expect(book.wordsFor(slots[1]!).length).toBeGreaterThan(0);
  });
});
