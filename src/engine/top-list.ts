/** The best few of many scored tokens, without sorting the many: a heap whose root is the worst that is kept. */

/** Lists up to this long are kept by insertion. */
const FEW = 64;

export class TopList {
  #ids = new Int32Array(0);
  #scores = new Float64Array(0);
  #size = 0;
  /** The best score of each block, for {@link TopList.select}. */
  #bests = new Float64Array(0);

  get size(): number {
    return this.#size;
  }

  id(place: number): number {
    return this.#ids[place]!;
  }

  score(place: number): number {
    return this.#scores[place]!;
  }

  /** Keeps the best `limit` of the first `count` tokens, best first, the lower id first among equals. */
  select(ids: Int32Array, scores: Float64Array, count: number, limit: number): void {
    this.#reserve(Math.min(limit, count));
    if (limit <= FEW) return this.#insertAll(ids, scores, count, limit);
    const floor = this.#floor(scores, count, limit);
    let worst = -Infinity;
    for (let i = 0; i < count; i++) {
      const score = scores[i]!;
      if (score < floor) continue;
      if (this.#size < limit) {
        this.#add(ids[i]!, score);
        worst = this.#scores[0]!;
      } else if (score >= worst && this.#isWorse(this.#ids[0]!, worst, ids[i]!, score)) {
        this.#ids[0] = ids[i]!;
        this.#scores[0] = score;
        this.#sink(0, this.#size);
        worst = this.#scores[0]!;
      }
    }
    for (let end = this.#size - 1; end > 0; end--) {
      this.#swap(0, end);
      this.#sink(0, end);
    }
  }

  /** Keeps the list sorted all along: for a short one that costs less than a heap. */
  #insertAll(ids: Int32Array, scores: Float64Array, count: number, limit: number): void {
    const floor = this.#floor(scores, count, limit);
    const [keptIds, kept] = [this.#ids, this.#scores];
    let size = 0;
    for (let i = 0; i < count; i++) {
      const score = scores[i]!;
      const id = ids[i]!;
      if (score < floor) continue;
      if (size === limit && this.#isWorse(id, score, keptIds[limit - 1]!, kept[limit - 1]!)) continue;
      let place = size < limit ? size++ : limit - 1;
      for (; place > 0 && this.#isWorse(keptIds[place - 1]!, kept[place - 1]!, id, score); place--) {
        keptIds[place] = keptIds[place - 1]!;
        kept[place] = kept[place - 1]!;
      }
      keptIds[place] = id;
      kept[place] = score;
    }
    this.#size = size;
  }

  /**
   * A score that at least `limit` tokens reach: of the best of each block of tokens, the one in place `limit`. With two
   * blocks for each token that is kept, few others reach it.
   */
  #floor(scores: Float64Array, count: number, limit: number): number {
    const blocks = 2 * limit;
    if (count < 4 * blocks) return -Infinity;
    if (this.#bests.length !== blocks) this.#bests = new Float64Array(blocks);
    const length = Math.floor(count / blocks);
    for (let block = 0, i = 0; block < blocks; block++) {
      let best = -Infinity;
      for (const end = i + length; i < end; i++) if (scores[i]! > best) best = scores[i]!;
      this.#bests[block] = best;
    }
    return this.#bests.sort()[limit]!;
  }

  #reserve(limit: number): void {
    this.#size = 0;
    if (this.#ids.length >= limit) return;
    this.#ids = new Int32Array(limit);
    this.#scores = new Float64Array(limit);
  }

  #add(id: number, score: number): void {
    let place = this.#size;
    this.#size += 1;
    this.#ids[place] = id;
    this.#scores[place] = score;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#worseAt(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #isWorse(id: number, score: number, otherId: number, otherScore: number): boolean {
    return score === otherScore ? id > otherId : score < otherScore;
  }

  #worseAt(a: number, b: number): boolean {
    return this.#isWorse(this.#ids[a]!, this.#scores[a]!, this.#ids[b]!, this.#scores[b]!);
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
      if (child + 1 < size && this.#worseAt(child + 1, child)) child += 1;
      if (!this.#worseAt(child, parent)) return;
      this.#swap(child, parent);
      parent = child;
    }
  }
}
