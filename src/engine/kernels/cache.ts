/** The KV cache: pages of 16 positions (all layers), shared between rows and copied when a sharing row writes. */

import type { Gpt2Config } from '../../convert/types.ts';
import type { Arena } from './arena.ts';

/** Positions in a page; `assembly/shared.ts` has the same number. */
export const PAGE_POSITIONS = 16;

/** Bytes of one layer in a page: keys [heads, headDim, 16], values [heads, 16, headDim rounded up to 4], f32. */
export function layerBytes(config: Gpt2Config): number {
  const headDim = config.width / config.heads;
  const padded = Math.ceil(headDim / 4) * 4;
  return PAGE_POSITIONS * config.heads * (headDim + padded) * 4;
}

/** Pages of every row; a row's page i holds its positions 16 i to 16 i + 15. */
export class PagedCache {
  readonly pageBytes: number;
  readonly #arena: Arena;
  readonly #pagesPerRow: number;
  /** How many rows hold the page at an address. */
  readonly #holders = new Map<number, number>();
  #rows: number[][] = [[]];
  #length = 0;
  #table = 0;
  #tableRows = 0;
  /** Whether the list of pages in memory is out of date. */
  #moved = true;

  constructor(arena: Arena, config: Gpt2Config) {
    this.#arena = arena;
    this.pageBytes = layerBytes(config) * config.layers;
    this.#pagesPerRow = Math.ceil(config.context / PAGE_POSITIONS);
  }

  get rows(): number {
    return this.#rows.length;
  }

  get length(): number {
    return this.#length;
  }

  /** Pages in use. */
  get pages(): number {
    return this.#holders.size;
  }

  /** Address of the rows' lists of page addresses (u32), valid after {@link reserve}. */
  get tables(): number {
    return this.#table;
  }

  /** Bytes from one row's list to the next. */
  get tableStride(): number {
    return this.#pagesPerRow * 4;
  }

  /**
   * Makes room for `steps` more positions in every row, each row in pages of its own, and lists the pages in memory.
   * @throws VerseletError `out-of-memory`; the cached positions stay as they are.
   */
  reserve(steps: number): void {
    const needed = Math.ceil((this.#length + steps) / PAGE_POSITIONS);
    const written = Math.floor(this.#length / PAGE_POSITIONS);
    // Pages are shared only after a select, and missing only every 16 positions: most steps end here.
    if (!this.#moved && this.#rows[0]!.length >= needed) return;
    this.#moved = true;
    for (const pages of this.#rows) {
      if (written < pages.length && this.#holders.get(pages[written]!)! > 1) this.#separate(pages, written);
      while (pages.length < needed) pages.push(this.#allocate());
    }
    this.#list();
    this.#moved = false;
  }

  /** Counts `steps` reserved positions as cached. */
  advance(steps: number): void {
    this.#length += steps;
  }

  /** Row i becomes what row from[i] was, cut to `length` positions; no position is copied. */
  select(from: readonly number[], length: number): void {
    const kept = Math.ceil(length / PAGE_POSITIONS);
    const old = this.#rows;
    this.#rows = from.map((row) => old[row]!.slice(0, kept));
    for (const page of this.#rows.flat()) this.#holders.set(page, this.#holders.get(page)! + 1);
    for (const page of old.flat()) this.#drop(page);
    this.#length = length;
    this.#moved = true;
  }

  #allocate(): number {
    const page = this.#arena.allocate(this.pageBytes);
    this.#holders.set(page, 1);
    return page;
  }

  #drop(page: number): void {
    const holders = this.#holders.get(page)! - 1;
    if (holders > 0) {
      this.#holders.set(page, holders);
      return;
    }
    this.#holders.delete(page);
    this.#arena.release(page, this.pageBytes);
  }

  #separate(pages: number[], index: number): void {
    const shared = pages[index]!;
    const own = this.#allocate();
    this.#arena.octets(0, this.#arena.bytes).copyWithin(own, shared, shared + this.pageBytes);
    pages[index] = own;
    this.#drop(shared);
  }

  #list(): void {
    if (this.#tableRows < this.#rows.length) {
      const bytes = this.#pagesPerRow * 4;
      const table = this.#arena.allocate(this.#rows.length * bytes);
      if (this.#tableRows > 0) this.#arena.release(this.#table, this.#tableRows * bytes);
      this.#table = table;
      this.#tableRows = this.#rows.length;
    }
    const words = this.#arena.words(this.#table, this.#tableRows * this.#pagesPerRow);
    for (const [row, pages] of this.#rows.entries()) words.set(pages, row * this.#pagesPerRow);
  }
}
