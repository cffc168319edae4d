/** Which words may end which line: rhymes kept, words and sounds not used twice, enough rhymes left for what follows. */

import type { LineSlot } from '../poetry/layout.ts';
import { type EndWord, PLACE, type Prosody } from './prosody.ts';

/** Rarer end words read oddly. */
const COMMON = 20;
/** A word that no other asks for is one of the usual ones. */
const USUAL = 60;
/** A new rhyme sound needs this many words for every line that will want one. */
const MARGIN = 3;
/** Words that end a line badly: it reads as cut. */
const HANGING = new Set('a an the of to in by for with and or but if as at from on my thy his its our your their no'.split(' '));

type Answers = Map<EndWord, boolean>;

/** Which words of a table fit a kind of line, as far as it was asked. */
const answers = new WeakMap<Prosody, Map<string, Answers>>();

function answersOf(prosody: Prosody, line: string): Answers {
  const kinds = answers.get(prosody) ?? new Map<string, Answers>();
  answers.set(prosody, kinds);
  const known = kinds.get(line) ?? new Map<EndWord, boolean>();
  kinds.set(line, known);
  return known;
}

export class RhymeBook {
  private readonly prosody: Prosody;
  private readonly near: boolean;
  private readonly free: boolean;
  private readonly table: readonly EndWord[];
  private readonly used = new Set<string>();
  /** End words of each rhyme letter, locked ones from the start. */
  private readonly sounds = new Map<string, string[]>();
  /** Lines of each letter that are still to be written. */
  private readonly wanting = new Map<string, number>();

  /** @param slots the whole poem's; lines that are locked give their letters a sound before anything is written. */
  constructor(prosody: Prosody, slots: readonly LineSlot[], options: { near: boolean; free: boolean }) {
    this.prosody = prosody;
    this.near = options.near;
    this.free = options.free;
    this.table = prosody.endWords.filter((entry) => !HANGING.has(entry.word) && entry.word.length > 1 && !entry.word.includes("'"));
    for (const slot of slots) {
      if (slot.locked === undefined && slot.refrainOf === undefined) this.count(slot.rhyme, 1);
      if (slot.locked !== undefined) this.note(slot, slot.locked);
    }
  }

  private count(letter: string, change: number): void {
    this.wanting.set(letter, (this.wanting.get(letter) ?? 0) + change);
  }

  private note(slot: LineSlot, text: string): void {
    const word = this.prosody.endWord(text);
    if (word === '') return;
    this.used.add(word);
    const key = slot.rhyme === '-' ? `-${slot.index}` : slot.rhyme;
    const words = this.sounds.get(key) ?? [];
    if (!words.includes(word)) words.push(word);
    this.sounds.set(key, words);
  }

  /** A line was written: its end word is used, and its letter has its sound. */
  take(slot: LineSlot, text: string): void {
    if (slot.locked !== undefined) return;
    this.note(slot, text);
    if (slot.refrainOf === undefined) this.count(slot.rhyme, -1);
  }

  /** End words that a line of this letter has to rhyme with; empty where it is the first. */
  partners(slot: LineSlot): readonly string[] {
    return slot.rhyme === '-' ? [] : (this.sounds.get(slot.rhyme) ?? []);
  }

  /** Words that may end the line; the strictest choice that is not empty. */
  wordsFor(slot: LineSlot): string[] {
    const partners = this.partners(slot);
    if (partners.length > 0) return this.rhyming(partners, slot);
    const fitting = this.fitting(slot, USUAL);
    if (this.free) return fitting.map((entry) => entry.word);
    const taken = this.takenParts(slot);
    const fresh = fitting.filter((entry) => !taken.has(entry.part));
    const open = slot.rhyme === '-' ? fresh : this.fertile(fresh, slot);
    return (open.length > 0 ? open : fitting).map((entry) => entry.word);
  }

  /** Unused words of at least this count that have room at the line's end; of one of `parts`, where given. */
  private fitting(slot: LineSlot, count: number, parts?: ReadonlySet<string>): EndWord[] {
    return this.table.filter(
      (entry) =>
        entry.count >= count && !this.used.has(entry.word) && (!parts || parts.has(entry.part)) && this.fits(entry, slot),
    );
  }

  /** The strictest choice that leaves some: the table's own part, then any reading that rhymes, rare words, near rhymes. */
  private rhyming(partners: readonly string[], slot: LineSlot): string[] {
    const matches = (pool: readonly EndWord[], kinds: readonly string[]): string[] =>
      pool
        .filter((entry) => partners.every((partner) => kinds.includes(this.prosody.rhymeOf(entry.word, partner))))
        .map((entry) => entry.word);
    const parts = new Set(partners.map((partner) => this.prosody.rhymePart(partner)));
    const same = this.near ? [] : matches(this.fitting(slot, COMMON, parts), ['perfect']);
    if (same.length >= MARGIN) return same;
    const kinds = this.near ? ['perfect', 'near'] : ['perfect'];
    const common = matches(this.fitting(slot, COMMON), kinds);
    if (common.length >= MARGIN) return common;
    const all = this.fitting(slot, 0);
    const any = matches(all, kinds);
    if (any.length > 0) return any;
    const near = matches(all, ['perfect', 'near']);
    return near.length > 0 ? near : all.map((entry) => entry.word);
  }

  /** Sounds of the other letters. */
  private takenParts(slot: LineSlot): Set<string> {
    const taken = new Set<string>();
    for (const [letter, words] of this.sounds) {
      if (letter !== slot.rhyme) for (const word of words) taken.add(this.prosody.rhymePart(word));
    }
    return taken;
  }

  /** Words whose sound has rhymes enough for all the lines that share the letter. */
  private fertile(words: readonly EndWord[], slot: LineSlot): EndWord[] {
    const sizes = new Map<string, number>();
    for (const entry of words) sizes.set(entry.part, (sizes.get(entry.part) ?? 0) + 1);
    const need = MARGIN * (this.wanting.get(slot.rhyme) ?? 1);
    return words.filter((entry) => sizes.get(entry.part)! >= need);
  }

  /** Syllables and metre leave the word room at the line's end; each answer is found once. */
  private fits(entry: EndWord, slot: LineSlot): boolean {
    const { syllables, metre } = slot;
    if (syllables === undefined) return true;
    const known = answersOf(this.prosody, `${syllables} ${metre}`);
    let fits = known.get(entry);
    if (fits === undefined) known.set(entry, (fits = this.hasRoom(entry, { syllables, metre })));
    return fits;
  }

  private hasRoom(entry: EndWord, slot: { syllables: number; metre: LineSlot['metre'] }): boolean {
    if (entry.syllables > Math.max(1, slot.syllables - 1)) return false;
    if (slot.metre !== 'iambic') return this.prosody.isSteady(entry.word);
    const place = (slot.syllables - entry.syllables) % 2 === 0 ? PLACE.weak : PLACE.strong;
    return this.prosody.mayStand(entry.word, place) && this.prosody.isSteady(entry.word);
  }
}
