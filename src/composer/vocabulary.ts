/** What a tokenizer's tokens are in verse: words, parts of words, marks; computed once for each tokenizer. */

import type { TextTokenizer } from '../engine/types.ts';
import type { Prosody } from './prosody.ts';

/** A token's role inside a line. */
export const ROLE = { none: 0, word: 1, part: 2, mark: 3 } as const;

const WORD = /^ (?:['’]?\p{L}[\p{L}'’]*|['’])$/u;
const PART = /^['’]?\p{L}[\p{L}'’]*$|^['’]$|^-$/u;
const MARK = /^(?:[,.;:!?]|\.\.\.|…|—|[,;:!?]—)$/u;
/** Letters of languages written in the Latin alphabet without rare diacritics: keeps byte debris out of lines. */
const PLAIN_LETTERS = /^[A-Za-zàâäçèéêëîïôöûüœæÀÂÇÈÉÊ '’-]*$/u;

/** Capitals that are no beginning: abbreviations, headings, program text. */
const SHOUTED = /\p{Lu}{2}|\p{Ll}\p{Lu}/u;

/** Marks after which nothing but the line's end may come. */
const FINAL_MARKS = new Set([',', '.', ';', ':', '!', '?', '—', '...', '…']);

const NAME = /^ \p{Lu}/u;
/** Words that keep their capital anywhere. */
const CAPITALS = new Set([' I', ' O', ' Oh', ' God', ' Lord', ' Heaven', ' Love', ' Death', ' Time', ' Nature']);

export class Vocabulary {
  readonly tokenizer: TextTokenizer;
  readonly size: number;
  readonly pieces: string[] = [];
  /** The pieces in lower case, without the space before them. */
  readonly words: string[] = [];
  /** {@link ROLE} of each token. */
  readonly role: Uint8Array;
  /** Syllables of tokens that are a whole known word, else 0. */
  readonly syllables: Uint8Array;
  /** 1 where every reading of the word has as many syllables. */
  readonly steady: Uint8Array;
  /** Marks that may close a line. */
  readonly closing: readonly number[];
  /** Tokens that begin a word with a capital inside a line, names mostly. */
  readonly names: readonly number[];
  /** Tokens that may stand in a line. */
  readonly text: Uint8Array;
  /** Tokens that are a whole word or its beginning, by that word in lower case: inside a line and at its start. */
  private readonly spelled = new Map<string, number[]>();
  private readonly masks = new Map<string, Uint8Array>();

  constructor(tokenizer: TextTokenizer, prosody: Prosody) {
    this.tokenizer = tokenizer;
    this.size = tokenizer.size;
    this.role = new Uint8Array(this.size);
    this.syllables = new Uint8Array(this.size);
    this.steady = new Uint8Array(this.size);
    this.text = new Uint8Array(this.size);
    for (let id = 0; id < this.size; id++) this.classify(id, prosody);
    this.closing = this.list((id) => this.role[id] === ROLE.mark && FINAL_MARKS.has(this.pieces[id]!));
    this.names = this.list((id) => this.role[id] === ROLE.word && NAME.test(this.pieces[id]!) && !CAPITALS.has(this.pieces[id]!));
  }

  private classify(id: number, prosody: Prosody): void {
    const piece = this.tokenizer.isSpecial(id) ? '' : this.tokenizer.piece(id);
    const word = piece.trim().toLowerCase();
    this.pieces.push(piece);
    this.words.push(word);
    if (piece === '') return;
    const role = roleOf(piece);
    this.role[id] = role;
    if (role === ROLE.none) return;
    this.text[id] = 1;
    if (role !== ROLE.mark) this.spell(word, id);
    if ((role !== ROLE.word && !/^\p{Lu}/u.test(piece)) || !prosody.isKnown(word)) return;
    this.syllables[id] = prosody.syllables(word);
    this.steady[id] = prosody.isSteady(word) ? 1 : 0;
  }

  private spell(word: string, id: number): void {
    const ids = this.spelled.get(word);
    if (ids) ids.push(id);
    else this.spelled.set(word, [id]);
  }

  /** Tokens that are exactly `word` (lower case), with or without a space or a capital. */
  idsOf(word: string): readonly number[] {
    return this.spelled.get(word) ?? [];
  }

  /** A mask made by `test` over the tokens, kept under `key`. */
  mask(key: string, test: (id: number) => boolean): Uint8Array {
    const known = this.masks.get(key);
    if (known) return known;
    const mask = new Uint8Array(this.size);
    for (let id = 0; id < this.size; id++) if (this.text[id] && test(id)) mask[id] = 1;
    this.masks.set(key, mask);
    return mask;
  }

  private list(test: (id: number) => boolean): number[] {
    return [...this.pieces.keys()].filter((id) => this.text[id] === 1 && test(id));
  }
}

function roleOf(piece: string): number {
  if (MARK.test(piece)) return ROLE.mark;
  if (!PLAIN_LETTERS.test(piece) || SHOUTED.test(piece)) return ROLE.none;
  if (WORD.test(piece)) return ROLE.word;
  return PART.test(piece) ? ROLE.part : ROLE.none;
}

const cache = new WeakMap<TextTokenizer, Vocabulary>();

/** The vocabulary of a tokenizer, made at the first call. */
export function vocabularyOf(tokenizer: TextTokenizer, prosody: Prosody): Vocabulary {
  let vocabulary = cache.get(tokenizer);
  if (!vocabulary) {
    vocabulary = new Vocabulary(tokenizer, prosody);
    cache.set(tokenizer, vocabulary);
  }
  return vocabulary;
}
