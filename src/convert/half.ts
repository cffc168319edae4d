/** Half-precision and bfloat16 numbers: JavaScript has no arrays of them everywhere yet. */

const word = new Uint32Array(1);
const real = new Float32Array(word.buffer);
let table: Float32Array | undefined;

function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** All 65,536 half floats as numbers: 256 KiB buys a conversion that is one load. */
export function halfTable(): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => decodeHalf(bits));
  return table;
}

/** The number that the 16 bits of an IEEE half float stand for. */
export function fromHalf(bits: number): number {
  return (table ?? halfTable())[bits]!;
}

/** The nearest IEEE half float (ties to even), as its 16 bits; too large numbers become infinite. */
export function toHalf(value: number): number {
  real[0] = value;
  const bits = word[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 255;
  const fraction = bits & 0x7fffff;
  if (exponent === 255) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  if (exponent >= 143) return sign | 0x7c00;
  // Below 2^-14 a half float loses bits from its fraction; below 2^-25 nothing is left.
  const shift = exponent >= 113 ? 13 : 126 - exponent;
  if (shift > 24) return sign;
  const significand = exponent >= 113 ? ((exponent - 112) << 23) | fraction : fraction | 0x800000;
  const kept = significand >>> shift;
  const rest = significand & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const up = rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0;
  return sign | (kept + up);
}

/** @returns the halves of `values`, as 16-bit patterns. */
export function toHalves(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = toHalf(values[i]!);
  return out;
}

/** The language's own arrays of half floats, where it has them. */
const Halves = (globalThis as { Float16Array?: new (buffer: ArrayBufferLike, from: number, length: number) => ArrayLike<number> }).Float16Array;

/** @returns `bits`, 16-bit patterns of half floats, as numbers. */
export function fromHalves(bits: Uint16Array): Float32Array {
  if (Halves) return new Float32Array(new Halves(bits.buffer, bits.byteOffset, bits.length));
  const out = new Uint32Array(bits.length);
  const floats = new Float32Array(out.buffer);
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i]!;
    // The half's exponent and fraction in a float's places are its value, 2^112 times too small.
    out[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
    if ((half & 0x7c00) === 0x7c00) floats[i] = fromHalf(half);
    else floats[i]! *= 2 ** 112;
  }
  return floats;
}

/** @returns `bits`, 16-bit patterns of bfloat16, as numbers. */
export function fromBfloats(bits: Uint16Array): Float32Array {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i]! << 16;
  return new Float32Array(out.buffer);
}
