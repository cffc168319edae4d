/** A Bloom filter of the lines that our models were trained on, so that a copied line can be told from a new one. */

import { VerseletError } from '../errors.ts';

const HEADER_BYTES = 20;
const VERSION = 1;

/** FNV-1a over ASCII text, 32 bits. */
export function fnv1a(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}

/** MurmurHash3's finaliser, 32 bits. */
export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The words that the guard compares: lower case, ASCII, without outer apostrophes. */
export function guardWords(line: string): string[] {
  const plain = line.toLowerCase().replaceAll('’', "'").normalize('NFD').replace(/\p{M}+/gu, '');
  return (plain.match(/[a-z']+/g) ?? []).map((word) => word.replace(/^'+|'+$/g, '')).filter((word) => word !== '');
}

/** Reads `copy-guard.bin` (training/README.md, "Copy guard"). */
export class CopyGuard {
  private readonly bits: Uint8Array;
  private readonly count: number;
  private readonly run: number;
  private readonly hashes: number;

  /** @throws VerseletError `integrity` when the bytes are not the table. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const magic = bytes.length >= HEADER_BYTES && String.fromCharCode(...bytes.subarray(0, 4)) === 'VGRD';
    if (!magic || view.getUint32(4, true) !== VERSION) {
      throw new VerseletError('integrity', 'The table of known lines is cut or of another version.');
    }
    this.run = view.getUint32(8, true);
    this.hashes = view.getUint32(12, true);
    this.count = view.getUint32(16, true);
    this.bits = bytes.subarray(HEADER_BYTES);
    if (this.bits.length * 8 < this.count) throw new VerseletError('integrity', 'The table of known lines is cut.');
  }

  /** The smallest hash of the line's runs of words; undefined for a line too short to be told. */
  fingerprint(line: string): number | undefined {
    const words = guardWords(line);
    let smallest: number | undefined;
    for (let i = 0; i + this.run <= words.length; i++) {
      const hash = fnv1a(words.slice(i, i + this.run).join(' '));
      if (smallest === undefined || hash < smallest) smallest = hash;
    }
    return smallest;
  }

  /** Bit positions of a fingerprint. */
  positions(fingerprint: number): number[] {
    const a = mix((fingerprint ^ 0x9e3779b9) >>> 0);
    const b = (mix((fingerprint ^ 0x7f4a7c15) >>> 0) | 1) >>> 0;
    return Array.from({ length: this.hashes }, (_, i) => ((a + Math.imul(i, b)) >>> 0) % this.count);
  }

  /** Words of the line if it (or a run of its words) is known, else 0. About 6 % of new lines are taken for known. */
  copiedWords(line: string): number {
    const fingerprint = this.fingerprint(line);
    if (fingerprint === undefined) return 0;
    const known = this.positions(fingerprint).every((bit) => ((this.bits[bit >> 3]! >> (bit & 7)) & 1) === 1);
    return known ? guardWords(line).length : 0;
  }
}
