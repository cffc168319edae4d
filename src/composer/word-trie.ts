/** End words as token sequences, so that one can be sampled token by token by the model's own probabilities. */

import type { TextTokenizer } from '../engine/types.ts';

/** Token sequences of words, sorted; a prefix is then a range, and a node of the trie costs nothing to keep. */
export class WordTrie {
  readonly words: readonly string[];
  private readonly sequences: readonly (readonly number[])[];
  private readonly places = new Map<string, number>();

  /** @param words lower-case words; each is encoded with the space that precedes it inside a line. */
  constructor(tokenizer: TextTokenizer, words: readonly string[]) {
    const entries = words.map((word) => ({ word, tokens: tokenizer.encode(` ${word === 'i' ? 'I' : word}`) }));
    entries.sort((a, b) => compare(a.tokens, b.tokens));
    this.words = entries.map((entry) => entry.word);
    this.sequences = entries.map((entry) => entry.tokens);
    this.words.forEach((word, place) => this.places.set(word, place));
  }

  has(word: string): boolean {
    return this.places.has(word);
  }

  tokensOf(word: string): readonly number[] | undefined {
    const place = this.places.get(word);
    return place === undefined ? undefined : this.sequences[place];
  }

  /** The part of the trie that holds only `words` (unknown ones are left out). */
  subset(words: Iterable<string>): TrieWalk {
    const wanted = new Set(words);
    const allowed: number[] = [];
    for (let place = 0; place < this.words.length; place++) if (wanted.has(this.words[place]!)) allowed.push(place);
    return new TrieWalk(
      allowed.map((place) => this.words[place]!),
      allowed.map((place) => this.sequences[place]!),
    );
  }
}

/** A set of token sequences to walk down. */
export class TrieWalk {
  private readonly words: readonly string[];
  private readonly sequences: readonly (readonly number[])[];
  private readonly roots: readonly number[];

  constructor(words: readonly string[], sequences: readonly (readonly number[])[]) {
    this.words = words;
    this.sequences = sequences;
    this.roots = [...new Set(sequences.map((sequence) => sequence[0]!))];
  }

  get size(): number {
    return this.words.length;
  }

  has(word: string): boolean {
    return this.words.includes(word);
  }

  /** What may follow `tokens`: next tokens, and the word that ends here, if one does. */
  after(tokens: readonly number[]): { next: number[]; word: string | undefined } {
    if (tokens.length === 0) return { next: [...this.roots], word: undefined };
    const next = new Set<number>();
    let word: string | undefined;
    this.sequences.forEach((sequence, at) => {
      if (!startsWith(sequence, tokens)) return;
      if (sequence.length === tokens.length) word ??= this.words[at];
      else next.add(sequence[tokens.length]!);
    });
    return { next: [...next], word };
  }
}

function startsWith(sequence: readonly number[], prefix: readonly number[]): boolean {
  if (sequence.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (sequence[i] !== prefix[i]) return false;
  return true;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
