/** What the next line should lean to and away from: theme words in, words already used out, emotion words a little. */

import { contentWords } from './words.ts';
import { ROLE, type Vocabulary } from './vocabulary.ts';

/** Taken off the logits of content words that the poem has used. */
const USED = -1.5;
/** Added to the logits of theme words that it has not used: gently at first, hard when lines run out. */
const THEME = [1.5, 3, 6] as const;
const EMOTION = 1;
/** Taken off the token that opens a line, for each line that it has opened. */
const OPENED = -0.4;
/** Added to the logits of the poem's own words in its title. */
const NAMED = 2;
/** A capital inside a line is a name, and one name draws others after it. */
const NAME = -1.5;
/** Compounds of its own making are a small model's way round its words. */
const HYPHEN = -2;

/** The tokens that begin a word inside a line, small and capital. */
function openings(vocabulary: Vocabulary, word: string): number[] {
  const capital = word[0]!.toUpperCase() + word.slice(1);
  return [` ${word}`, ` ${capital}`, capital]
    .map((text) => vocabulary.tokenizer.encode(text)[0])
    .filter((id): id is number => id !== undefined && vocabulary.pieces[id]!.trim().length > 1);
}

/** A theme word's tokens as it stands inside a line, small and at its start. */
export function spellings(vocabulary: Vocabulary, words: Iterable<string>): number[][] {
  return [...words].flatMap((word) =>
    [` ${word}`, word[0]!.toUpperCase() + word.slice(1)].map((text) => vocabulary.tokenizer.encode(text)),
  );
}

/** What the poem has said so far, as logit additions; it grows line by line. */
export class Leaning {
  private readonly vocabulary: Vocabulary;
  private readonly said = new Map<number, number>();
  /** Tokens that followed a token in the lines so far. */
  readonly pairs = new Map<number, Set<number>>();

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary;
    for (const id of vocabulary.idsOf('-')) this.said.set(id, HYPHEN);
    for (const id of vocabulary.names) this.said.set(id, NAME);
  }

  /** Notes a line: its content words and its first word are to rest. */
  hear(line: string): void {
    const { vocabulary, said } = this;
    for (const word of contentWords(line)) for (const id of vocabulary.idsOf(word)) said.set(id, USED);
    const tokens = vocabulary.tokenizer.encode(line);
    tokens.forEach((id, at) => {
      if (at > 0 && vocabulary.role[id] === ROLE.word) this.pair(tokens[at - 1]!, id);
    });
    const opening = tokens[0];
    if (opening !== undefined) said.set(opening, Math.max(USED, (said.get(opening) ?? 0) + OPENED));
  }

  private pair(first: number, second: number): void {
    const followers = this.pairs.get(first) ?? new Set();
    this.pairs.set(first, followers.add(second));
  }

  /**
   * Logit additions for the next line's text.
   * @param theme words that the poem still has to use.
   * @param progress 0 to 1: how much of the poem is written.
   */
  bias(theme: Iterable<string>, progress: number, emotion: ReadonlyMap<string, number>): Map<number, number> {
    const { vocabulary } = this;
    const bias = new Map(this.said);
    for (const [word, weight] of emotion) {
      if (weight > 0) for (const id of vocabulary.idsOf(word)) bias.set(id, (bias.get(id) ?? 0) + EMOTION * weight);
    }
    const push = THEME[Math.min(THEME.length - 1, Math.floor(progress * THEME.length))]!;
    for (const word of theme) for (const id of openings(vocabulary, word)) bias.set(id, push);
    return bias;
  }
}

/** Logit additions for a title: towards the words of its poem. */
export function titleBias(vocabulary: Vocabulary, lines: readonly string[]): Map<number, number> {
  const words = contentWords(lines.join(' '));
  return new Map(words.flatMap((word) => vocabulary.idsOf(word).map((id) => [id, NAMED] as const)));
}
