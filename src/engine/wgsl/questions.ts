/** Queries as the words that {@link reduceShader} reads, and its answers as summaries. */

import { logOf } from '../log-probs.ts';
import type { LogitQuery, LogitSummary } from '../types.ts';
import { COMPLETE, HEAD_WORDS, MOST_LISTED, NONE, QUESTION_WORDS } from './reduce.ts';

type Draw = Exclude<LogitQuery, { token: number }>;

/** Words of a list of tokens and logits. */
const LIST_WORDS = 2 * MOST_LISTED;

/** Memory for the questions of one step; it grows with the longest. */
export class Questions {
  readonly #vocab: number;
  #heads = new Uint32Array(0);
  #asked = new Uint32Array(0);
  /** The memory of `#asked`. */
  #floats = new Float32Array(0);
  #headWords = 0;
  #askedWords = 0;
  #slots = 0;

  constructor(vocab: number) {
    this.#vocab = vocab;
  }

  /** {@link QUESTION_WORDS} for each query. */
  get heads(): Uint32Array<ArrayBuffer> {
    return this.#heads.subarray(0, this.#headWords);
  }

  /** Masks, and pairs of token and bias. */
  get asked(): Uint32Array<ArrayBuffer> {
    return this.#asked.subarray(0, this.#askedWords);
  }

  /** Queries that a list answers. */
  get slots(): number {
    return this.#slots;
  }

  /** Bytes of the answers. */
  get answerBytes(): number {
    return 4 * (HEAD_WORDS * (this.#headWords / QUESTION_WORDS) + LIST_WORDS * this.#slots);
  }

  put(queries: readonly LogitQuery[]): void {
    this.#headWords = 0;
    this.#askedWords = 0;
    this.#slots = 0;
    this.#heads = grown(this.#heads, queries.length * QUESTION_WORDS);
    for (const query of queries) {
      const head = this.#heads.subarray(this.#headWords, this.#headWords + QUESTION_WORDS);
      this.#headWords += QUESTION_WORDS;
      if ('token' in query) head.set([query.token, NONE, NONE, 0, 0, 0, 0, 0]);
      else this.#putDraw(head, query);
    }
  }

  #putDraw(head: Uint32Array, { allow, bias, least, temperature }: Draw): void {
    const mask = allow ? this.#putMask(allow) : NONE;
    const from = this.#askedWords;
    if (bias) this.#putBias(bias instanceof Float32Array ? bias.entries() : bias);
    head.set([0, this.#slots, mask, from, (this.#askedWords - from) / 2, least || MOST_LISTED >> 1, 0, 0]);
    new Float32Array(head.buffer, head.byteOffset)[6] = temperature;
    this.#slots += 1;
  }

  /** @returns the word where the mask begins. */
  #putMask(allow: NonNullable<Draw['allow']>): number {
    const from = this.#room(Math.ceil(this.#vocab / 4));
    const bytes = new Uint8Array(this.#asked.buffer, 4 * from, this.#vocab);
    if (allow instanceof Uint8Array) {
      bytes.fill(0, allow.length);
      bytes.set(allow.subarray(0, this.#vocab));
    } else {
      bytes.fill(0);
      for (const id of allow) bytes[id] = 1;
    }
    return from;
  }

  #putBias(bias: Iterable<[number, number]>): void {
    for (const [id, value] of bias) {
      if (value === 0 || !(id >= 0 && id < this.#vocab)) continue;
      const at = this.#room(2);
      this.#asked[at] = id;
      this.#floats[at + 1] = value;
    }
  }

  #room(words: number): number {
    const from = this.#askedWords;
    this.#askedWords += words;
    if (this.#asked.length < this.#askedWords) {
      this.#asked = grown(this.#asked, this.#askedWords);
      this.#floats = new Float32Array(this.#asked.buffer);
    }
    return from;
  }

  /** @throws VerseletError `device-lost` when the logits were no numbers. */
  read(queries: readonly LogitQuery[], answers: ArrayBuffer): LogitSummary[] {
    const words = new Uint32Array(answers);
    const floats = new Float32Array(answers);
    let list = HEAD_WORDS * queries.length;
    return queries.map((query, i) => {
      const head = HEAD_WORDS * i;
      const total = logOf(floats[head]!, floats[head + 1]!);
      if ('token' in query) return { total, logit: floats[head + 2]! };
      const count = Math.min(words[head + 3]! & ~COMPLETE, MOST_LISTED);
      const ids = Uint32Array.from({ length: count }, (_, place) => words[list + 2 * place]!);
      const logits = Float32Array.from(ids, (_, place) => floats[list + 2 * place + 1]!);
      list += LIST_WORDS;
      return { total, logit: 0, best: { ids, logits, complete: words[head + 3]! >= COMPLETE, mass: floats[head + 2]! } };
    });
  }
}

/** `words` itself, or a longer array that begins with it. */
function grown(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (words.length >= length) return words;
  const longer = new Uint32Array(Math.max(length, 2 * words.length));
  longer.set(words);
  return longer;
}
