import { refusal } from './pickle-values.ts';

const utf8 = new TextDecoder();

/** Reads the arguments of a pickle's opcodes, never beyond the end. Errors are `unsupported-model`. */
export class PickleReader {
  /** Where the next byte is read. */
  at: number;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = offset;
  }

  /** Passes `count` bytes over. @returns where they began. */
  take(count: number): number {
    const from = this.at;
    if (count > this.bytes.length - from) throw refusal('ends too early');
    this.at += count;
    return from;
  }

  /** A little-endian unsigned integer of 1, 2, 4 or 8 bytes. */
  unsigned(size: 1 | 2 | 4 | 8): number {
    const from = this.take(size);
    if (size === 1) return this.bytes[from]!;
    if (size === 2) return this.view.getUint16(from, true);
    if (size === 4) return this.view.getUint32(from, true);
    return Number(this.view.getBigUint64(from, true));
  }

  /** A little-endian signed integer of at most 8 bytes. */
  long(size: number): number {
    if (size > 8) throw refusal('has a number that is too large');
    const from = this.take(size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[from + i]!);
    return Number(BigInt.asIntN(size * 8, value));
  }

  /** A big-endian double. */
  float(): number {
    return this.view.getFloat64(this.take(8), false);
  }

  /** UTF-8 of `length` bytes. */
  text(length: number): string {
    const from = this.take(length);
    return utf8.decode(this.bytes.subarray(from, this.at));
  }

  /** Text up to a line break. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw refusal('ends too early');
    const text = this.text(end - this.at);
    this.at += 1;
    return text;
  }
}
