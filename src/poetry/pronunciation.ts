/**
 * The packed pronouncing dictionary (CMUdict): read in place, a block of 64 words at a time, so that loading costs
 * one pass over the bytes and no string per word. `pack-dictionary.mjs` writes the file.
 *
 * Layout (after gzip): uint32 count, text length, sound length; then the shared-prefix length of each word (bytes),
 * the words' suffixes (Latin-1, `\n` after each; none is shared by the first word of a block), and the sounds (phoneme bytes; 0xfe between variants, 0xff at the end).
 */

import { VerseletError } from '../errors.ts';
import { PHONEMES, withS } from './phonemes.ts';

/** A pronouncing dictionary. */
export interface Pronunciations {
  /** All pronunciations of a folded lower-case word, the usual one first; empty where the word is unknown. */
  lookup(word: string): readonly string[];
}

const BLOCK = 64;
const MOST_KNOWN = 50_000;
const HEADER_BYTES = 12;
const [NEWLINE, VARIANT, END] = [0x0a, 0xfe, 0xff];

/** Where each block of words starts in the three streams. */
interface Index {
  heads: string[];
  textAt: number[];
  soundAt: number[];
}

class PackedTable implements Pronunciations {
  readonly #bytes: Uint8Array;
  readonly #count: number;
  readonly #index: Index;
  /** Answers so far: syllables, sounds and stress each ask for the same words. */
  readonly #known = new Map<string, readonly string[]>();

  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [count, text, sound] = [0, 4, 8].map((at) => (bytes.length >= HEADER_BYTES ? view.getUint32(at, true) : 0));
    if (!count || HEADER_BYTES + count + text! + sound! !== bytes.length) {
      throw new VerseletError('integrity', 'The pronunciation table is cut or of another version.');
    }
    this.#bytes = bytes;
    this.#count = count;
    this.#index = indexBlocks(bytes, count, HEADER_BYTES + count, HEADER_BYTES + count + text!);
  }

  lookup(word: string): readonly string[] {
    const known = this.#known.get(word);
    if (known) return known;
    const own = this.#find(word);
    const found = own.length > 0 || !word.endsWith("'s") ? own : this.#find(word.slice(0, -2)).map(withS);
    if (this.#known.size > MOST_KNOWN) this.#known.clear();
    this.#known.set(word, found);
    return found;
  }

  #find(word: string): readonly string[] {
    const block = lastNotAfter(this.#index.heads, word);
    if (block < 0) return [];
    const bytes = this.#bytes;
    const { length } = word;
    let text = this.#index.textAt[block]!;
    // Letters that `word` shares with the entry before it. Entries are sorted, so no string has to be made of them.
    let common = 0;
    const last = Math.min(this.#count, (block + 1) * BLOCK);
    for (let entry = block * BLOCK; entry < last; entry++) {
      const shared = bytes[HEADER_BYTES + entry]!;
      if (shared < common) return [];
      if (shared === common) {
        while (common < length && bytes[text] === word.charCodeAt(common) && bytes[text] !== NEWLINE) {
          text += 1;
          common += 1;
        }
        const ends = bytes[text] === NEWLINE;
        if (ends && common === length) return this.#sounds(block, entry);
        if (!ends && !(bytes[text]! < word.charCodeAt(common))) return [];
      }
      while (text < bytes.length && bytes[text++] !== NEWLINE);
    }
    return [];
  }

  #sounds(block: number, entry: number): readonly string[] {
    let start = this.#index.soundAt[block]!;
    const bytes = this.#bytes;
    for (let before = block * BLOCK; before < entry; before++) while (start < bytes.length && bytes[start++] !== END);
    return spell(bytes.subarray(start, bytes.indexOf(END, start)));
  }
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** One pass over the streams, which notes where blocks start; a block's first word is written in full. */
function indexBlocks(bytes: Uint8Array, count: number, textStart: number, soundStart: number): Index {
  const index: Index = { heads: [], textAt: [], soundAt: [] };
  for (let entry = 0, text = textStart, sound = soundStart; entry < count; entry++) {
    if (entry % BLOCK === 0) {
      index.heads.push(ascii(bytes, text, bytes.indexOf(NEWLINE, text)));
      index.textAt.push(text);
      index.soundAt.push(sound);
    }
    while (text < soundStart && bytes[text++] !== NEWLINE);
    while (sound < bytes.length && bytes[sound++] !== END);
  }
  return index;
}

function lastNotAfter(sorted: readonly string[], word: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= word) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function spell(sounds: Uint8Array): string[] {
  const variants = [''];
  for (const byte of sounds) {
    const at = variants.length - 1;
    if (byte === VARIANT) variants.push('');
    else variants[at] += (variants[at] === '' ? '' : ' ') + (PHONEMES[byte - 1] ?? '');
  }
  return variants;
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * The dictionary in the bytes of `data/pronunciations.bin`, packed or already unpacked.
 * @throws VerseletError `integrity` where the bytes are not the table.
 */
export async function loadPronunciations(bytes: Uint8Array): Promise<Pronunciations> {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return new PackedTable(packed ? await gunzip(bytes) : bytes);
  } catch (error) {
    if (error instanceof VerseletError) throw error;
    throw new VerseletError('integrity', 'The pronunciation table cannot be unpacked.', { cause: error });
  }
}
