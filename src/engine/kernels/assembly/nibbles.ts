/**
 * 4-bit matrices, 8 outputs a panel, 32 columns a block. A block of a panel is 160 bytes: 8 f32 scales, then for each 8
 * columns two vectors (outputs 0-3 and 4-7) of 4 outputs x 4 bytes, where byte j holds column j in its low and column
 * 4 + j in its high nibble. Nibbles are unsigned; the 8 that they are too high is taken off by the activations' sum.
 * Sums within a block are exact integers and blocks are added in order: no rounding depends on the number of rows.
 */
import { BLOCK, BLOCK_BYTES, OFFSET_AT, SCALE_AT } from './activations';
import { finish } from './shared';

const PANEL: i32 = 8;
const WEIGHT_BYTES: usize = 160;

/** sum + four bytes of x (at `x` + `at`) times four nibbles in each lane. */
// @ts-ignore: decorator
@inline
function dot(sum: v128, x: usize, at: usize, nibbles: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load32_splat(x + at), nibbles, sum);
}

/** sum + two 16-bit values of x times two nibbles in each lane. */
// @ts-ignore: decorator
@inline
function pair(sum: v128, x: usize, at: usize, nibbles: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(v128.load32_splat(x + at), nibbles));
}

/** Relaxed SIMD: one row, four outputs, one block, its nibbles as bytes: four columns a vector. */
// @ts-ignore: decorator
@inline
function sumOfBytes(x: usize, a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128, h: v128): v128 {
  // Four short chains rather than two long ones: a dot product takes five cycles, and two start in each.
  let high = dot(i32x4.splat(0), x, 0, a);
  let low = dot(v128.load32_splat(x, OFFSET_AT), x, 32, a);
  let high2 = dot(i32x4.splat(0), x, 4, b);
  let low2 = dot(i32x4.splat(0), x, 36, b);
  high = dot(high, x, 8, c);
  low = dot(low, x, 40, c);
  high2 = dot(high2, x, 12, d);
  low2 = dot(low2, x, 44, d);
  high = dot(high, x, 16, e);
  low = dot(low, x, 48, e);
  high2 = dot(high2, x, 20, f);
  low2 = dot(low2, x, 52, f);
  high = dot(high, x, 24, g);
  low = dot(low, x, 56, g);
  high2 = dot(high2, x, 28, h);
  low2 = dot(low2, x, 60, h);
  high = i32x4.add(high, high2);
  low = i32x4.add(low, low2);
  return i32x4.add(i32x4.shl(high, 8), low);
}

/** Base SIMD: as `sumOfBytes` for half a block (from byte `at` of x), its nibbles in 16-bit lanes: two columns a vector. */
// @ts-ignore: decorator
@inline
function sumOfPairs(
  sum: v128,
  x: usize,
  at: usize,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  e: v128,
  f: v128,
  g: v128,
  h: v128,
): v128 {
  sum = pair(sum, x, at, a);
  sum = pair(sum, x, at + 4, b);
  sum = pair(sum, x, at + 8, c);
  sum = pair(sum, x, at + 12, d);
  sum = pair(sum, x, at + 16, e);
  sum = pair(sum, x, at + 20, f);
  sum = pair(sum, x, at + 24, g);
  return pair(sum, x, at + 28, h);
}

/** Base SIMD, one row: the middle nibbles stay where they are in their lanes, and the sums are shifted instead. */
// @ts-ignore: decorator
@inline
function sumOfShifted(x: usize, w: usize): v128 {
  const first = i16x8.splat(0x000f);
  const second = i16x8.splat(0x00f0);
  const third = i16x8.splat(0x0f00);
  let packed = v128.load(w);
  let a = pair(v128.load32_splat(x, OFFSET_AT), x, 0, v128.and(packed, first));
  let b = pair(i32x4.splat(0), x, 4, v128.and(packed, second));
  let c = pair(i32x4.splat(0), x, 8, v128.and(packed, third));
  a = pair(a, x, 12, i16x8.shr_u(packed, 12));
  packed = v128.load(w, 32);
  a = pair(a, x, 16, v128.and(packed, first));
  b = pair(b, x, 20, v128.and(packed, second));
  c = pair(c, x, 24, v128.and(packed, third));
  a = pair(a, x, 28, i16x8.shr_u(packed, 12));
  packed = v128.load(w, 64);
  a = pair(a, x, 32, v128.and(packed, first));
  b = pair(b, x, 36, v128.and(packed, second));
  c = pair(c, x, 40, v128.and(packed, third));
  a = pair(a, x, 44, i16x8.shr_u(packed, 12));
  packed = v128.load(w, 96);
  a = pair(a, x, 48, v128.and(packed, first));
  b = pair(b, x, 52, v128.and(packed, second));
  c = pair(c, x, 56, v128.and(packed, third));
  a = pair(a, x, 60, i16x8.shr_u(packed, 12));
  return i32x4.add(a, i32x4.add(i32x4.shr_s(b, 4), i32x4.shr_s(c, 8)));
}

/** Low nibbles of bytes. */
// @ts-ignore: decorator
@inline
function low(packed: v128): v128 {
  return v128.and(packed, i8x16.splat(15));
}

/** High nibbles of bytes. */
// @ts-ignore: decorator
@inline
function high(packed: v128): v128 {
  return v128.and(i16x8.shr_u(packed, 4), i8x16.splat(15));
}

/** Nibble 0, 1 or 2 of 16-bit lanes. */
// @ts-ignore: decorator
@inline
function nibble(packed: v128, shift: i32): v128 {
  return v128.and(i16x8.shr_u(packed, shift), i16x8.splat(15));
}

/** Integer sums of a block as floats, scaled. */
// @ts-ignore: decorator
@inline
function scaled(total: v128, sum: v128, scales: v128, x: usize): v128 {
  return f32x4.add(total, f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(scales, v128.load32_splat(x, SCALE_AT))));
}

/** One row, four outputs, one block; `w` points at the first vector of the half panel. */
// @ts-ignore: decorator
@inline
function blockSum(x: usize, w: usize): v128 {
  if (!ASC_FEATURE_RELAXED_SIMD) return sumOfShifted(x, w);
  const p = v128.load(w);
  const q = v128.load(w, 32);
  const r = v128.load(w, 64);
  const s = v128.load(w, 96);
  return sumOfBytes(x, low(p), high(p), low(q), high(q), low(r), high(r), low(s), high(s));
}

function oneRow(x: usize, w: usize, blocks: i32, tile: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  for (let i = 0; i < blocks; i++) {
    a = scaled(a, blockSum(x, w + 32), v128.load(w), x);
    b = scaled(b, blockSum(x, w + 48), v128.load(w, 16), x);
    x += BLOCK_BYTES;
    w += WEIGHT_BYTES;
  }
  v128.store(tile, a);
  v128.store(tile, b, 16);
}

/** Outputs half * 4 to half * 4 + 3 of two or four rows, sharing each block's nibbles. */
function moreRows(x: usize, stride: usize, four: bool, panel: usize, half: usize, blocks: i32, tile: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  let y = x + stride;
  let z = y + stride;
  let u = z + stride;
  let scales = panel + half * 16;
  let w = scales + 32;
  for (let i = 0; i < blocks; i++) {
    const scale = v128.load(scales);
    const p = v128.load(w);
    const q = v128.load(w, 32);
    const r = v128.load(w, 64);
    const s = v128.load(w, 96);
    if (ASC_FEATURE_RELAXED_SIMD) {
      const n0 = low(p);
      const n1 = high(p);
      const n2 = low(q);
      const n3 = high(q);
      const n4 = low(r);
      const n5 = high(r);
      const n6 = low(s);
      const n7 = high(s);
      a = scaled(a, sumOfBytes(x, n0, n1, n2, n3, n4, n5, n6, n7), scale, x);
      b = scaled(b, sumOfBytes(y, n0, n1, n2, n3, n4, n5, n6, n7), scale, y);
      if (four) {
        c = scaled(c, sumOfBytes(z, n0, n1, n2, n3, n4, n5, n6, n7), scale, z);
        d = scaled(d, sumOfBytes(u, n0, n1, n2, n3, n4, n5, n6, n7), scale, u);
      }
    } else {
      let n0 = nibble(p, 0);
      let n1 = nibble(p, 4);
      let n2 = nibble(p, 8);
      let n3 = i16x8.shr_u(p, 12);
      let n4 = nibble(q, 0);
      let n5 = nibble(q, 4);
      let n6 = nibble(q, 8);
      let n7 = i16x8.shr_u(q, 12);
      let e = sumOfPairs(v128.load32_splat(x, OFFSET_AT), x, 0, n0, n1, n2, n3, n4, n5, n6, n7);
      let f = sumOfPairs(v128.load32_splat(y, OFFSET_AT), y, 0, n0, n1, n2, n3, n4, n5, n6, n7);
      let g = e;
      let h = f;
      if (four) {
        g = sumOfPairs(v128.load32_splat(z, OFFSET_AT), z, 0, n0, n1, n2, n3, n4, n5, n6, n7);
        h = sumOfPairs(v128.load32_splat(u, OFFSET_AT), u, 0, n0, n1, n2, n3, n4, n5, n6, n7);
      }
      n0 = nibble(r, 0);
      n1 = nibble(r, 4);
      n2 = nibble(r, 8);
      n3 = i16x8.shr_u(r, 12);
      n4 = nibble(s, 0);
      n5 = nibble(s, 4);
      n6 = nibble(s, 8);
      n7 = i16x8.shr_u(s, 12);
      a = scaled(a, sumOfPairs(e, x, 32, n0, n1, n2, n3, n4, n5, n6, n7), scale, x);
      b = scaled(b, sumOfPairs(f, y, 32, n0, n1, n2, n3, n4, n5, n6, n7), scale, y);
      if (four) {
        c = scaled(c, sumOfPairs(g, z, 32, n0, n1, n2, n3, n4, n5, n6, n7), scale, z);
        d = scaled(d, sumOfPairs(h, u, 32, n0, n1, n2, n3, n4, n5, n6, n7), scale, u);
      }
    }
    x += BLOCK_BYTES;
    y += BLOCK_BYTES;
    z += BLOCK_BYTES;
    u += BLOCK_BYTES;
    scales += WEIGHT_BYTES;
    w += WEIGHT_BYTES;
  }
  v128.store(tile, a);
  v128.store(tile, b, 32);
  v128.store(tile, c, 64);
  v128.store(tile, d, 96);
}

/** As `denseProduct`, with activations from `quantize` for 4 bits (`xStride` is theirs). */
export function nibbleProduct(
  x: usize,
  xStride: usize,
  rows: i32,
  weight: usize,
  cols: i32,
  bias: usize,
  out: usize,
  outStride: usize,
  outs: i32,
  from: i32,
  to: i32,
  mode: i32,
  tile: usize,
): void {
  const blocks = (cols + BLOCK - 1) / BLOCK;
  for (let index = from; index < to; index++) {
    const panel = weight + <usize>index * <usize>blocks * WEIGHT_BYTES;
    let row = 0;
    while (row < rows) {
      const line = x + <usize>row * xStride;
      const left = rows - row;
      const done = left >= 4 ? 4 : left >= 2 ? 2 : 1;
      if (done == 1) {
        oneRow(line, panel, blocks, tile);
      } else {
        moreRows(line, xStride, done == 4, panel, 0, blocks, tile);
        moreRows(line, xStride, done == 4, panel, 1, blocks, tile + 16);
      }
      finish(tile, PANEL, done, bias, out + <usize>row * outStride, outStride, index * PANEL, outs, mode);
      row += done;
    }
  }
}

/** Row `token` of a 4-bit matrix, plus `position` (a row of wpe), into `out`. */
export function nibbleRow(weight: usize, cols: i32, token: i32, position: usize, out: usize): void {
  const blocks = (cols + BLOCK - 1) / BLOCK;
  const lane = <usize>(token % PANEL);
  const panel = weight + <usize>(token / PANEL) * <usize>blocks * WEIGHT_BYTES;
  for (let c = 0; c < cols; c++) {
    const block = panel + <usize>(c / BLOCK) * WEIGHT_BYTES;
    const scale = f32.load(block + (lane << 2));
    const within = c % BLOCK;
    const byte = <i32>load<u8>(block + 32 + <usize>(within / 8) * 32 + lane * 4 + <usize>(within % 4));
    const nibble = ((byte >> (within & 4)) & 15) - 8;
    f32.store(out + (<usize>c << 2), <f32>nibble * scale + f32.load(position + (<usize>c << 2)));
  }
}
