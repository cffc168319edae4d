/**
 * 4-bit matrices, 8 outputs a panel, 32 columns a block. A block of a panel is 160 bytes: 8 f32 scales, then for each 8
 * columns two vectors (outputs 0-3 and 4-7) of 4 outputs x 4 bytes, where byte j holds column j in its low and column
 * 4 + j in its high nibble. Nibbles are unsigned; the 8 that they are too high is taken off by the activations' sum.
 * Sums within a block are exact integers and blocks are added in order: no rounding depends on the number of rows.
 */
import { BLOCK, BLOCK_BYTES, OFFSET_AT, SCALE_AT } from './activations';
import { added, addRow, clear, finish, pair } from './shared';

const PANEL: i32 = 8;
const WEIGHT_BYTES: usize = 160;

/** sum + four bytes of x (at `x` + `at`) times four nibbles in each lane. */
// @ts-ignore: decorator
@inline
function dot(sum: v128, x: usize, at: usize, nibbles: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load32_splat(x + at), nibbles, sum);
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

// @ts-ignore: decorator
@inline
function scaled(total: v128, sum: v128, scales: v128, x: usize): v128 {
  return added(total, sum, scales, v128.load32_splat(x, SCALE_AT));
}

/** Relaxed SIMD: one row, four outputs, one block; `w` points at the first vector of the half panel. */
// @ts-ignore: decorator
@inline
function blockSum(x: usize, w: usize): v128 {
  const p = v128.load(w);
  const q = v128.load(w, 32);
  const r = v128.load(w, 64);
  const s = v128.load(w, 96);
  return sumOfBytes(x, low(p), high(p), low(q), high(q), low(r), high(r), low(s), high(s));
}

/** Relaxed SIMD: one row. */
function oneRowOfBytes(x: usize, w: usize, blocks: i32, tile: usize): void {
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

/** Relaxed SIMD: outputs half * 4 to half * 4 + 3 of two or four rows, sharing each block's nibbles. */
function moreRowsOfBytes(x: usize, stride: usize, four: bool, panel: usize, half: usize, blocks: i32, tile: usize): void {
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

/**
 * Base SIMD: one row. The middle nibbles stay where they are in their lanes, and their sums are shifted instead.
 * Both halves of the panel at once, so that each pair of activations is loaded once; offsets are immediates throughout,
 * since an address that is computed costs an instruction a vector.
 */
function oneRowOfPairs(x: usize, w: usize, blocks: i32, tile: usize): void {
  let total = f32x4.splat(0);
  let total2 = f32x4.splat(0);
  const first = i16x8.splat(0x000f);
  const second = i16x8.splat(0x00f0);
  const third = i16x8.splat(0x0f00);
  for (let i = 0; i < blocks; i++) {
    let a = v128.load32_splat(x, OFFSET_AT);
    let a2 = a;
    let b = i32x4.splat(0);
    let b2 = b;
    let c = b;
    let c2 = b;
    const end = x + 64;
    const scales = w;
    w += 32;
    while (x < end) {
      const p = v128.load(w);
      const q = v128.load(w, 16);
      let values = v128.load32_splat(x);
      a = pair(a, values, v128.and(p, first));
      a2 = pair(a2, values, v128.and(q, first));
      values = v128.load32_splat(x, 4);
      b = pair(b, values, v128.and(p, second));
      b2 = pair(b2, values, v128.and(q, second));
      values = v128.load32_splat(x, 8);
      c = pair(c, values, v128.and(p, third));
      c2 = pair(c2, values, v128.and(q, third));
      values = v128.load32_splat(x, 12);
      a = pair(a, values, i16x8.shr_u(p, 12));
      a2 = pair(a2, values, i16x8.shr_u(q, 12));
      x += 16;
      w += 32;
    }
    const scale = v128.load32_splat(x);
    a = i32x4.add(a, i32x4.add(i32x4.shr_s(b, 4), i32x4.shr_s(c, 8)));
    a2 = i32x4.add(a2, i32x4.add(i32x4.shr_s(b2, 4), i32x4.shr_s(c2, 8)));
    total = added(total, a, v128.load(scales), scale);
    total2 = added(total2, a2, v128.load(scales, 16), scale);
    x += 16;
  }
  v128.store(tile, total);
  v128.store(tile, total2, 16);
}

/**
 * Base SIMD: four rows (some may be the same), sharing each block's nibbles. Eight sums and no more fit the registers of
 * x86, so the totals stay in the tile.
 */
function fourRowsOfPairs(x: usize, y: usize, z: usize, u: usize, w: usize, blocks: i32, tile: usize): void {
  clear(tile);
  const mask = i16x8.splat(15);
  for (let i = 0; i < blocks; i++) {
    let a = v128.load32_splat(x, OFFSET_AT);
    let b = v128.load32_splat(y, OFFSET_AT);
    let c = v128.load32_splat(z, OFFSET_AT);
    let d = v128.load32_splat(u, OFFSET_AT);
    let a2 = a;
    let b2 = b;
    let c2 = c;
    let d2 = d;
    const end = x + 64;
    const scales = w;
    w += 32;
    while (x < end) {
      const p = v128.load(w);
      const q = v128.load(w, 16);
      let m = v128.and(p, mask);
      let n = v128.and(q, mask);
      let values = v128.load32_splat(x);
      a = pair(a, values, m);
      a2 = pair(a2, values, n);
      values = v128.load32_splat(y);
      b = pair(b, values, m);
      b2 = pair(b2, values, n);
      values = v128.load32_splat(z);
      c = pair(c, values, m);
      c2 = pair(c2, values, n);
      values = v128.load32_splat(u);
      d = pair(d, values, m);
      d2 = pair(d2, values, n);
      m = v128.and(i16x8.shr_u(p, 4), mask);
      n = v128.and(i16x8.shr_u(q, 4), mask);
      values = v128.load32_splat(x, 4);
      a = pair(a, values, m);
      a2 = pair(a2, values, n);
      values = v128.load32_splat(y, 4);
      b = pair(b, values, m);
      b2 = pair(b2, values, n);
      values = v128.load32_splat(z, 4);
      c = pair(c, values, m);
      c2 = pair(c2, values, n);
      values = v128.load32_splat(u, 4);
      d = pair(d, values, m);
      d2 = pair(d2, values, n);
      m = v128.and(i16x8.shr_u(p, 8), mask);
      n = v128.and(i16x8.shr_u(q, 8), mask);
      values = v128.load32_splat(x, 8);
      a = pair(a, values, m);
      a2 = pair(a2, values, n);
      values = v128.load32_splat(y, 8);
      b = pair(b, values, m);
      b2 = pair(b2, values, n);
      values = v128.load32_splat(z, 8);
      c = pair(c, values, m);
      c2 = pair(c2, values, n);
      values = v128.load32_splat(u, 8);
      d = pair(d, values, m);
      d2 = pair(d2, values, n);
      m = i16x8.shr_u(p, 12);
      n = i16x8.shr_u(q, 12);
      values = v128.load32_splat(x, 12);
      a = pair(a, values, m);
      a2 = pair(a2, values, n);
      values = v128.load32_splat(y, 12);
      b = pair(b, values, m);
      b2 = pair(b2, values, n);
      values = v128.load32_splat(z, 12);
      c = pair(c, values, m);
      c2 = pair(c2, values, n);
      values = v128.load32_splat(u, 12);
      d = pair(d, values, m);
      d2 = pair(d2, values, n);
      x += 16;
      y += 16;
      z += 16;
      u += 16;
      w += 32;
    }
    const scales1 = v128.load(scales);
    const scales2 = v128.load(scales, 16);
    addRow(tile, a, a2, scales1, scales2, x);
    addRow(tile + 32, b, b2, scales1, scales2, y);
    addRow(tile + 64, c, c2, scales1, scales2, z);
    addRow(tile + 96, d, d2, scales1, scales2, u);
    x += 16;
    y += 16;
    z += 16;
    u += 16;
  }
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
      let done = 1;
      if (!ASC_FEATURE_RELAXED_SIMD) {
        // Three rows cost what four do, two cost what each costs alone.
        if (left < 3) {
          oneRowOfPairs(line, panel, blocks, tile);
        } else {
          done = min(left, 4);
          const z = line + 2 * xStride;
          fourRowsOfPairs(line, line + xStride, z, left > 3 ? z + xStride : z, panel, blocks, tile);
        }
      } else {
        done = left >= 4 ? 4 : left >= 2 ? 2 : 1;
        if (done == 1) {
          oneRowOfBytes(line, panel, blocks, tile);
        } else {
          moreRowsOfBytes(line, xStride, done == 4, panel, 0, blocks, tile);
          moreRowsOfBytes(line, xStride, done == 4, panel, 1, blocks, tile + 16);
        }
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
