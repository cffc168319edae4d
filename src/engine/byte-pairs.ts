/** Byte-level BPE as GPT-2 has it: text is cut into words, and their bytes are joined pair by pair in the merges' order. */

import { ALPHABET } from './byte-level.ts';

/** GPT-2's words: contractions, letters, digits and other marks with the space before them, and blanks. */
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
/** The pair that is joined next is sought among all pairs: a word of more bytes would take too long. */
const LONGEST = 256;

/** Ranks of pairs of ids, in one table without an object for each. */
class PairTable {
  readonly #mask: number;
  /** Left id, right id, rank and joined id of each slot; left is -1 where it is free. */
  readonly #slots: Int32Array;

  constructor(pairs: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * pairs + 2));
    this.#mask = size - 1;
    this.#slots = new Int32Array(4 * size).fill(-1);
  }

  /** Where a pair is, or would be, in {@link PairTable.#slots}. */
  #find(left: number, right: number): number {
    let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) >>> 7;
    for (;; slot++) {
      const at = 4 * (slot & this.#mask);
      const found = this.#slots[at]!;
      if (found < 0 || (found === left && this.#slots[at + 1] === right)) return at;
    }
  }

  set(left: number, right: number, rank: number, joined: number): void {
    this.#slots.set([left, right, rank, joined], this.#find(left, right));
  }

  /** Rank of a pair; Infinity for one that is not joined. */
  rank(left: number, right: number): number {
    const at = this.#find(left, right);
    return this.#slots[at]! < 0 ? Infinity : this.#slots[at + 2]!;
  }

  joined(left: number, right: number): number {
    return this.#slots[this.#find(left, right) + 3]!;
  }
}

export class BytePairs {
  /** Id of each byte. */
  readonly #bytes: Int32Array;
  readonly #pairs: PairTable;
  readonly #utf8 = new TextEncoder();
  readonly #buffer = new Uint8Array(3 * LONGEST);

  private constructor(bytes: Int32Array, pairs: PairTable) {
    this.#bytes = bytes;
    this.#pairs = pairs;
  }

  /**
   * @param vocabulary ids of the tokens' spellings in the byte-level alphabet.
   * @param merges pairs of spellings, the first joined first.
   * @returns undefined where a byte, a part or a joined pair has no id.
   */
  static from(vocabulary: ReadonlyMap<string, number>, merges: readonly unknown[]): BytePairs | undefined {
    const bytes = Int32Array.from(ALPHABET, (character) => vocabulary.get(character) ?? -1);
    if (bytes.includes(-1)) return undefined;
    const pairs = new PairTable(merges.length);
    for (const [rank, merge] of merges.entries()) {
      const [left, right] = (typeof merge === 'string' ? merge.split(' ', 2) : merge) as [string, string];
      const ids = [vocabulary.get(left), vocabulary.get(right), vocabulary.get(left + right)];
      if (ids.includes(undefined)) return undefined;
      pairs.set(ids[0]!, ids[1]!, rank, ids[2]!);
    }
    return new BytePairs(bytes, pairs);
  }

  /** Ids of a text; undefined where a word is too long for this way. */
  encode(text: string): number[] | undefined {
    const ids: number[] = [];
    for (const word of text.match(WORDS) ?? []) {
      const { read, written } = this.#utf8.encodeInto(word, this.#buffer);
      if (read < word.length || written > LONGEST) return undefined;
      this.#join(written, ids);
    }
    return ids;
  }

  /** Joins the first `count` bytes of the buffer as far as there are merges, and appends the ids to `out`. */
  #join(count: number, out: number[]): void {
    const ids = Array.from(this.#buffer.subarray(0, count), (byte) => this.#bytes[byte]!);
    for (;;) {
      let best = -1;
      let least = Infinity;
      for (let i = 0; i + 1 < ids.length; i++) {
        const rank = this.#pairs.rank(ids[i]!, ids[i + 1]!);
        if (rank < least) [best, least] = [i, rank];
      }
      if (best < 0) break;
      ids.splice(best, 2, this.#pairs.joined(ids[best]!, ids[best + 1]!));
    }
    out.push(...ids);
  }
}
