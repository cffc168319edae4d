/** Scored token ids, best first as far as anyone asks: a heap is cheaper than sorting a vocabulary. */

/** Where the list of best tokens is cut. */
export interface Cut {
  /** Tokens at most. */
  count: number;
  /** The list ends with the token that brings its probability to this share of what `count` left. */
  share: number;
  /** Scores below this are dropped. */
  floor: number;
}

/** Working memory for one vocabulary; nothing is allocated between draws. */
export class Ranking {
  readonly #ids: Int32Array;
  readonly #scores: Float64Array;
  #size = 0;
  #bestScore = -Infinity;
  #bestId = -1;

  constructor(vocab: number) {
    this.#ids = new Int32Array(vocab);
    this.#scores = new Float64Array(vocab);
  }

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#size = 0;
    this.#bestScore = -Infinity;
    this.#bestId = -1;
  }

  /** Adds a token; an id given twice counts twice, and more ids than the vocabulary has are dropped. */
  push(id: number, score: number): void {
    if (this.#size === this.#ids.length) return;
    this.#ids[this.#size] = id;
    this.#scores[this.#size] = score;
    this.#size += 1;
    if (score > this.#bestScore || (score === this.#bestScore && id < this.#bestId)) {
      this.#bestScore = score;
      this.#bestId = id;
    }
  }

  /** The highest score, -Infinity when there is none. */
  best(): number {
    return this.#bestScore;
  }

  bestId(): number {
    return this.#bestId;
  }

  /** One id with probability ∝ exp(score) among those at `floor` or above; `uniform` in [0, 1). */
  drawAbove(floor: number, uniform: number): number {
    const scores = this.#scores;
    const top = this.#bestScore;
    let total = 0;
    for (let i = 0; i < this.#size; i++) if (scores[i]! >= floor) total += Math.exp(scores[i]! - top);
    let left = uniform * total;
    for (let i = 0; i < this.#size; i++) {
      if (scores[i]! < floor) continue;
      left -= Math.exp(scores[i]! - top);
      if (left < 0) return this.#ids[i]!;
    }
    // Rounding can leave a last crumb.
    return this.#bestId;
  }

  /** One id with probability ∝ exp(score) among the best ones that `cut` leaves. Reorders the ranking. */
  drawFromTop(cut: Cut, uniform: number): number {
    this.#heapify();
    const count = Math.min(cut.count, this.#size);
    const top = this.#bestScore;
    const limited = count < this.#size;
    // With a count, the share is one of those `count` tokens, so they must all be known first.
    const wanted = limited ? Infinity : cut.share * this.#mass(top);
    let taken = 0;
    let mass = 0;
    while (taken < count && mass < wanted && this.#scores[0]! > -Infinity) {
      mass += Math.exp(this.#scores[0]! - top);
      this.#moveTopTo(this.#size - 1 - taken);
      taken += 1;
    }
    return this.#drawTaken(taken, { share: limited ? cut.share * mass : Infinity, floor: cut.floor }, uniform);
  }

  /** Draws among the `taken` best, which lie backwards from the end, as far as `share` (of mass) and `floor` let it. */
  #drawTaken(taken: number, { share, floor }: { share: number; floor: number }, uniform: number): number {
    const top = this.#bestScore;
    const last = this.#size - 1;
    let kept = 0;
    let mass = 0;
    while (kept < taken && mass < share && this.#scores[last - kept]! >= floor) {
      mass += Math.exp(this.#scores[last - kept]! - top);
      kept += 1;
    }
    let left = uniform * mass;
    for (let i = 0; i < kept; i++) {
      left -= Math.exp(this.#scores[last - i]! - top);
      if (left < 0) return this.#ids[last - i]!;
    }
    return this.#bestId;
  }

  #mass(top: number): number {
    let sum = 0;
    for (let i = 0; i < this.#size; i++) sum += Math.exp(this.#scores[i]! - top);
    return sum;
  }

  #heapify(): void {
    for (let i = (this.#size >> 1) - 1; i >= 0; i--) this.#sink(i, this.#size);
  }

  /** The root goes to place `last`, which leaves the heap. */
  #moveTopTo(last: number): void {
    this.#swap(0, last);
    this.#sink(0, last);
  }

  #before(a: number, b: number): boolean {
    const difference = this.#scores[a]! - this.#scores[b]!;
    return difference === 0 ? this.#ids[a]! < this.#ids[b]! : difference > 0;
  }

  #swap(a: number, b: number): void {
    const id = this.#ids[a]!;
    const score = this.#scores[a]!;
    this.#ids[a] = this.#ids[b]!;
    this.#scores[a] = this.#scores[b]!;
    this.#ids[b] = id;
    this.#scores[b] = score;
  }

  #sink(start: number, size: number): void {
    let parent = start;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= size) return;
      if (child + 1 < size && this.#before(child + 1, child)) child += 1;
      if (!this.#before(child, parent)) return;
      this.#swap(child, parent);
      parent = child;
    }
  }
}
