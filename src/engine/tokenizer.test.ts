import { Tokenizer } from '@huggingface/tokenizers';
import { array, assert, constantFrom, property, string } from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from './tokenizer.ts';

const folder = new URL('../../public/models/verse-nano/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const tokenizer = createTokenizer(read('tokenizer.json'), read('tokenizer_config.json'));

describe('tokenizer', () => {
  it('knows the special tokens of the model', () => {
    expect(tokenizer.size).toBe(4096);
    expect(tokenizer.special('<|line|>')).toBe(4063);
    expect(tokenizer.special('<|s20|>')).toBe(4095);
    expect(tokenizer.special('line')).toBeUndefined();
    expect(tokenizer.isSpecial(4059)).toBe(true);
    expect(tokenizer.isSpecial(4058)).toBe(false);
  });

  it('gives the ids that the library gives, to any text', () => {
    const { added_tokens: _special, ...file } = read('tokenizer.json') as Record<string, unknown>;
    const library = new Tokenizer({ ...file, added_tokens: [], normalizer: null, post_processor: null } as never, {});
    const same = (text: string): void => {
      expect(tokenizer.encode(text)).toEqual(library.encode(text, { add_special_tokens: false }).ids);
    };
    const unit = constantFrom<'binary' | 'grapheme' | 'grapheme-ascii'>('binary', 'grapheme', 'grapheme-ascii');
    assert(property(unit.chain((kind) => string({ unit: kind })), same), { numRuns: 500 });
    const part = constantFrom('the', ' thunder', "'s", "'ll", ' 12', '  ', '\n', 'aaaa', ' moonlight', '—', 'é', '🐦', '!!', '\uD800');
    assert(property(array(part), (parts) => same(parts.join(''))), { numRuns: 500 });
    for (const text of ['a'.repeat(2000), ' '.repeat(700), `x${'é'.repeat(200)} y`]) same(text);
  });

  it('gives back any text', () => {
    const unit = constantFrom<'binary' | 'grapheme'>('binary', 'grapheme');
    assert(
      property(unit.chain((kind) => string({ unit: kind })), (text) => {
        const ids = tokenizer.encode(text);
        expect(tokenizer.decode(ids)).toBe(text);
        expect(ids.every((id) => id >= 0 && id < 4059)).toBe(true);
      }),
    );
  });

  it('encodes spellings of special tokens as plain characters', () => {
    const part = constantFrom('<|line|>', '<|endoftext|>', '<|', '|>', 'poem', ' ', '<|joy|>x', '\n');
    assert(
      property(array(part), (parts) => {
        const ids = tokenizer.encode(parts.join(''));
        expect(ids.some((id) => tokenizer.isSpecial(id))).toBe(false);
        expect(tokenizer.decode(ids)).toBe(parts.join(''));
      }),
    );
  });

  it('leaves special tokens out of the text', () => {
    const ids = [4061, 4071, ...tokenizer.encode('The Sea'), 4063, ...tokenizer.encode(' shore'), 4059];
    expect(tokenizer.decode(ids)).toBe('The Sea shore');
    expect(tokenizer.decode([])).toBe('');
  });

  it('keeps the space of a piece, marks broken characters, and puts pieces together', () => {
    const ids = tokenizer.encode(' the sea\u2014é');
    expect(tokenizer.piece(ids[0]!)).toBe(' the');
    expect(tokenizer.piece(4063)).toBe('');
    const bird = tokenizer.encode('🐦');
    expect(bird.length).toBeGreaterThan(1);
    expect(bird.map((id) => tokenizer.piece(id)).join('')).toContain('\uFFFD');
    expect(tokenizer.decode(bird)).toBe('🐦');
  });

  it('writes a lone surrogate as a replacement character', () => {
    expect(tokenizer.decode(tokenizer.encode('a\uD800b'))).toBe('a\uFFFDb');
  });

  it('refuses tokenizers of other kinds', () => {
    const other = { ...(read('tokenizer.json') as object), decoder: null };
    for (const json of [null, {}, { model: { type: 'WordPiece', vocab: {} } }, other]) {
      expect(() => createTokenizer(json, {})).toThrowError(expect.objectContaining({ code: 'unsupported-model' }));
    }
  });

  describe('fault: a tokenizer made to hang or fill the page', () => {
    const sound = read('tokenizer.json') as { model: { vocab: Record<string, number> }; added_tokens: object[] };
    const model = (more: object) => ({ ...sound, model: { ...sound.model, ...more } });
    const slow = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated' };
    it.each([
      ['an id of a thousand million', model({ vocab: { ...sound.model.vocab, zz: 1e9 } })],
      ['a negative id', model({ vocab: { a: -1 } })],
      ['an id that is text', model({ vocab: { a: '1' } })],
      ['an added token beyond every vocabulary', { ...sound, added_tokens: [{ id: 2 ** 40, content: 'x', special: true }] }],
      ['a regular expression of its own', { ...sound, pre_tokenizer: slow }],
      ['one within a sequence', { ...sound, pre_tokenizer: { type: 'Sequence', pretokenizers: [slow, { type: 'ByteLevel' }] } }],
      ['one that rewrites', { ...sound, normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: '' } }],
      ['sequences in sequences', { ...sound, normalizer: { type: 'Sequence', normalizers: [{ type: 'Sequence', normalizers: [] }] } }],
    ])('%s is refused', (_, json) => {
      expect(() => createTokenizer(json, {})).toThrowError(expect.objectContaining({ code: 'unsupported-model' }));
    });
  });
});
