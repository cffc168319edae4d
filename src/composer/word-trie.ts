/** End words as token sequences, so that one can be sampled token by token by the model's own probabilities. */

import type { TextTokenizer } from '../engine/types.ts';

/** Token sequences of words, made when they are first wanted. */
export class WordTokens {
  private readonly tokenizer: TextTokenizer;
  private readonly known = new Map<string, readonly number[]>();

  constructor(tokenizer: TextTokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Ids of a lower-case word with the space that precedes it inside a line. */
  of(word: string): readonly number[] {
    let tokens = this.known.get(word);
    if (!tokens) {
      tokens = this.tokenizer.encode(` ${word}`);
      this.known.set(word, tokens);
    }
    return tokens;
  }

  walk(words: readonly string[]): TrieWalk {
    return new TrieWalk(
      words,
      words.map((word) => this.of(word)),
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
