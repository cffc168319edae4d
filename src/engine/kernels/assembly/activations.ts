/**
 * Activations as integers, for products with quantized weights. Each block of 32 has a scale of its own, so what is lost
 * is 2^-16 (for 4-bit weights) or 2^-14 (for 8-bit weights) of the block's largest value: far below f32 noise in a logit.
 *
 * A block is 80 bytes: 32 integers in 64 bytes, f32 scale at 64, and for 4-bit weights i32 -8 x their sum at 68.
 * How the 64 bytes are arranged depends on the instructions at hand:
 * - relaxed SIMD: 32 high bytes, then 32 low bytes (value = high * 256 + low, or (high * 128 + low) - 8192);
 * - base SIMD: 16-bit values, in the order in which masks and shifts of 16-bit lanes take the weights out of their bytes:
 *   each 8 as 0 2 4 6 1 3 5 7 for 4-bit weights, each 4 as 0 2 1 3 for 8-bit weights.
 * Both hold the same integers, so both binaries give the same bits.
 */

import { ROUNDER, ROUNDER_BITS } from './shared';

export const BLOCK: i32 = 32;
export const BLOCK_BYTES: usize = 80;
export const SCALE_AT: usize = 64;
export const OFFSET_AT: usize = 68;

/** Largest magnitude beside 4-bit weights: high byte and signed low byte both fit 8 bits. */
const LARGEST_4: f32 = 32639;
/** Largest magnitude beside 8-bit weights: two unsigned pieces of 7 bits after adding 8192. */
const LARGEST_8: f32 = 8191;

/** Largest magnitude of 32 floats; NaN where one is: as integers, magnitudes have the order of floats, and NaN tops it. */
// @ts-ignore: decorator
@inline
function largest(x: usize): f32 {
  let top = f32x4.abs(v128.load(x));
  top = i32x4.max_s(top, f32x4.abs(v128.load(x, 16)));
  top = i32x4.max_s(top, f32x4.abs(v128.load(x, 32)));
  top = i32x4.max_s(top, f32x4.abs(v128.load(x, 48)));
  top = i32x4.max_s(top, f32x4.abs(v128.load(x, 64)));
  top = i32x4.max_s(top, f32x4.abs(v128.load(x, 80)));
  top = i32x4.max_s(top, f32x4.abs(v128.load(x, 96)));
  top = i32x4.max_s(top, f32x4.abs(v128.load(x, 112)));
  top = i32x4.max_s(top, v128.shuffle<i32>(top, top, 2, 3, 0, 1));
  top = i32x4.max_s(top, v128.shuffle<i32>(top, top, 1, 0, 3, 2));
  return f32x4.extract_lane(top, 0);
}

/** Four floats times `inverse`, rounded to integers (of less than 2^22). */
// @ts-ignore: decorator
@inline
function rounded(x: v128, inverse: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(x, inverse), f32x4.splat(ROUNDER)), i32x4.splat(ROUNDER_BITS));
}

/** Eight floats as 16-bit integers. */
// @ts-ignore: decorator
@inline
function integers(x: usize, inverse: v128): v128 {
  return i16x8.narrow_i32x4_s(rounded(v128.load(x), inverse), rounded(v128.load(x, 16), inverse));
}

// @ts-ignore: decorator
@inline
function block4(x: usize, out: usize): void {
  const top = largest(x);
  const inverse = f32x4.splat(top > 0 ? LARGEST_4 / top : 0);
  let sums = i32x4.splat(0);
  for (let i: usize = 0; i < 4; i += 2) {
    const a = integers(x + i * 32, inverse);
    const b = integers(x + i * 32 + 32, inverse);
    sums = i32x4.add(sums, i32x4.add(i32x4.extadd_pairwise_i16x8_s(a), i32x4.extadd_pairwise_i16x8_s(b)));
    if (ASC_FEATURE_RELAXED_SIMD) {
      const lowA = i16x8.shr_s(i16x8.shl(a, 8), 8);
      const lowB = i16x8.shr_s(i16x8.shl(b, 8), 8);
      const highA = i16x8.shr_s(i16x8.sub(a, lowA), 8);
      const highB = i16x8.shr_s(i16x8.sub(b, lowB), 8);
      v128.store(out + i * 8, i8x16.narrow_i16x8_s(highA, highB));
      v128.store(out + i * 8, i8x16.narrow_i16x8_s(lowA, lowB), 32);
    } else {
      v128.store(out + i * 16, v128.shuffle<i16>(a, a, 0, 2, 4, 6, 1, 3, 5, 7));
      v128.store(out + i * 16, v128.shuffle<i16>(b, b, 0, 2, 4, 6, 1, 3, 5, 7), 16);
    }
  }
  const sum =
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
  f32.store(out, top / LARGEST_4, SCALE_AT);
  i32.store(out, sum * -8, OFFSET_AT);
}

// @ts-ignore: decorator
@inline
function block8(x: usize, out: usize): void {
  const top = largest(x);
  const inverse = f32x4.splat(top > 0 ? LARGEST_8 / top : 0);
  for (let i: usize = 0; i < 4; i += 2) {
    const a = integers(x + i * 32, inverse);
    const b = integers(x + i * 32 + 32, inverse);
    if (ASC_FEATURE_RELAXED_SIMD) {
      const shift = i16x8.splat(8192);
      const mask = i16x8.splat(127);
      const liftedA = i16x8.add(a, shift);
      const liftedB = i16x8.add(b, shift);
      v128.store(out + i * 8, i8x16.narrow_i16x8_u(i16x8.shr_u(liftedA, 7), i16x8.shr_u(liftedB, 7)));
      v128.store(out + i * 8, i8x16.narrow_i16x8_u(v128.and(liftedA, mask), v128.and(liftedB, mask)), 32);
    } else {
      v128.store(out + i * 16, v128.shuffle<i16>(a, a, 0, 2, 1, 3, 4, 6, 5, 7));
      v128.store(out + i * 16, v128.shuffle<i16>(b, b, 0, 2, 1, 3, 4, 6, 5, 7), 16);
    }
  }
  f32.store(out, top / LARGEST_8, SCALE_AT);
}

/** Integers of `rows` rows of `cols` floats for weights of `bits` bits; `scratch` holds 32 floats for a last part block. */
export function quantize(
  x: usize,
  xStride: usize,
  rows: i32,
  cols: i32,
  bits: i32,
  out: usize,
  outStride: usize,
  scratch: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let source = x + <usize>row * xStride;
    let target = out + <usize>row * outStride;
    for (let col = 0; col < cols; col += BLOCK) {
      if (cols - col < BLOCK) {
        memory.fill(scratch, 0, 128);
        memory.copy(scratch, source, <usize>(cols - col) << 2);
        source = scratch;
      }
      if (bits == 4) block4(source, target);
      else block8(source, target);
      source += 128;
      target += BLOCK_BYTES;
    }
  }
}
