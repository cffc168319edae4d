/**
 * 8-bit matrices, 8 outputs a panel, 32 columns a block. A block of a panel is 304 bytes: 8 f32 scales, 8 i16 sums of the
 * block's weights, then for each 4 columns two vectors (outputs 0-3 and 4-7) of 4 outputs x 4 signed bytes.
 * Relaxed SIMD multiplies bytes by bytes, base SIMD pairs of 16-bit lanes; which is faster depends on the processor.
 * The sums take off the 8192 by which relaxed SIMD's unsigned activations are too high. Exact as 4-bit matrices are.
 */
import { BLOCK, BLOCK_BYTES, SCALE_AT } from './activations';
import { added, addRow, clear, finish, pair } from './shared';

const PANEL: i32 = 8;
const WEIGHT_BYTES: usize = 304;
const SUMS_AT: usize = 32;
const VALUES_AT: usize = 48;

/** sum + four activations (at `x` + `at`) times four weights in each lane. */
// @ts-ignore: decorator
@inline
function dot(sum: v128, x: usize, at: usize, weights: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, v128.load32_splat(x + at), sum);
}

// @ts-ignore: decorator
@inline
function scaled(total: v128, sum: v128, scales: v128, x: usize): v128 {
  return added(total, sum, scales, v128.load32_splat(x, SCALE_AT));
}

/** Relaxed SIMD: one row, four outputs, one block; `offset` is 8192 x the sums of its weights. */
// @ts-ignore: decorator
@inline
function sumOfBytes(
  x: usize,
  offset: v128,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  e: v128,
  f: v128,
  g: v128,
  h: v128,
): v128 {
  // Four short chains rather than two long ones: a dot product takes five cycles, and two start in each.
  let high = dot(i32x4.splat(0), x, 0, a);
  let low = dot(i32x4.splat(0), x, 32, a);
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
  return i32x4.sub(i32x4.add(i32x4.shl(high, 7), low), offset);
}

/** Relaxed SIMD: one row, four outputs, one block; `w` points at the first vector of the half panel, `sums` at its sums. */
// @ts-ignore: decorator
@inline
function blockSum(x: usize, w: usize, sums: usize): v128 {
  const offset = i32x4.shl(v128.load16x4_s(sums), 13);
  const a = v128.load(w);
  const b = v128.load(w, 32);
  const c = v128.load(w, 64);
  const d = v128.load(w, 96);
  return sumOfBytes(x, offset, a, b, c, d, v128.load(w, 128), v128.load(w, 160), v128.load(w, 192), v128.load(w, 224));
}

/** Relaxed SIMD: one row. */
function oneRowOfBytes(x: usize, w: usize, blocks: i32, tile: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  for (let i = 0; i < blocks; i++) {
    a = scaled(a, blockSum(x, w + VALUES_AT, w + SUMS_AT), v128.load(w), x);
    b = scaled(b, blockSum(x, w + VALUES_AT + 16, w + SUMS_AT + 8), v128.load(w, 16), x);
    x += BLOCK_BYTES;
    w += WEIGHT_BYTES;
  }
  v128.store(tile, a);
  v128.store(tile, b, 16);
}

/** Relaxed SIMD: outputs half * 4 to half * 4 + 3 of two or four rows, sharing each block's weights. */
function moreRowsOfBytes(x: usize, stride: usize, four: bool, panel: usize, half: usize, blocks: i32, tile: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  let y = x + stride;
  let z = y + stride;
  let u = z + stride;
  let w = panel + VALUES_AT + half * 16;
  let sums = panel + SUMS_AT + half * 8;
  let scales = panel + half * 16;
  for (let i = 0; i < blocks; i++) {
    const scale = v128.load(scales);
    const offset = i32x4.shl(v128.load16x4_s(sums), 13);
    const w0 = v128.load(w);
    const w1 = v128.load(w, 32);
    const w2 = v128.load(w, 64);
    const w3 = v128.load(w, 96);
    const w4 = v128.load(w, 128);
    const w5 = v128.load(w, 160);
    const w6 = v128.load(w, 192);
    const w7 = v128.load(w, 224);
    a = scaled(a, sumOfBytes(x, offset, w0, w1, w2, w3, w4, w5, w6, w7), scale, x);
    b = scaled(b, sumOfBytes(y, offset, w0, w1, w2, w3, w4, w5, w6, w7), scale, y);
    if (four) {
      c = scaled(c, sumOfBytes(z, offset, w0, w1, w2, w3, w4, w5, w6, w7), scale, z);
      d = scaled(d, sumOfBytes(u, offset, w0, w1, w2, w3, w4, w5, w6, w7), scale, u);
    }
    x += BLOCK_BYTES;
    y += BLOCK_BYTES;
    z += BLOCK_BYTES;
    u += BLOCK_BYTES;
    w += WEIGHT_BYTES;
    sums += WEIGHT_BYTES;
    scales += WEIGHT_BYTES;
  }
  v128.store(tile, a);
  v128.store(tile, b, 32);
  v128.store(tile, c, 64);
  v128.store(tile, d, 96);
}

/** The even bytes of 16-bit lanes, with their sign: columns 0 and 2 of each output. */
// @ts-ignore: decorator
@inline
function even(packed: v128): v128 {
  return i16x8.shr_s(i16x8.shl(packed, 8), 8);
}

/** The odd bytes: columns 1 and 3. */
// @ts-ignore: decorator
@inline
function odd(packed: v128): v128 {
  return i16x8.shr_s(packed, 8);
}

/** Base SIMD: one row, both halves of the panel at once. */
function oneRowOfPairs(x: usize, w: usize, blocks: i32, tile: usize): void {
  let total = f32x4.splat(0);
  let total2 = f32x4.splat(0);
  for (let i = 0; i < blocks; i++) {
    let a = i32x4.splat(0);
    let a2 = a;
    let b = a;
    let b2 = a;
    const end = x + 64;
    const scales = w;
    w += VALUES_AT;
    while (x < end) {
      let p = v128.load(w);
      let q = v128.load(w, 16);
      let values = v128.load32_splat(x);
      a = pair(a, values, even(p));
      a2 = pair(a2, values, even(q));
      values = v128.load32_splat(x, 4);
      b = pair(b, values, odd(p));
      b2 = pair(b2, values, odd(q));
      p = v128.load(w, 32);
      q = v128.load(w, 48);
      values = v128.load32_splat(x, 8);
      a = pair(a, values, even(p));
      a2 = pair(a2, values, even(q));
      values = v128.load32_splat(x, 12);
      b = pair(b, values, odd(p));
      b2 = pair(b2, values, odd(q));
      x += 16;
      w += 64;
    }
    const scale = v128.load32_splat(x);
    total = added(total, i32x4.add(a, b), v128.load(scales), scale);
    total2 = added(total2, i32x4.add(a2, b2), v128.load(scales, 16), scale);
    x += 16;
  }
  v128.store(tile, total);
  v128.store(tile, total2, 16);
}

/** Base SIMD: four rows (some may be the same), sharing each block's weights; as for 4 bits, the totals stay in the tile. */
function fourRowsOfPairs(x: usize, y: usize, z: usize, u: usize, w: usize, blocks: i32, tile: usize): void {
  clear(tile);
  for (let i = 0; i < blocks; i++) {
    let a = i32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let a2 = a;
    let b2 = a;
    let c2 = a;
    let d2 = a;
    const end = x + 64;
    const scales = w;
    w += VALUES_AT;
    while (x < end) {
      const p = v128.load(w);
      const q = v128.load(w, 16);
      let m = even(p);
      let n = even(q);
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
      m = odd(p);
      n = odd(q);
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
      x += 8;
      y += 8;
      z += 8;
      u += 8;
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

/** As `denseProduct`, with activations from `quantize` for 8 bits (`xStride` is theirs). */
export function byteProduct(
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

/** Row `token` of an 8-bit matrix, plus `position` (a row of wpe), into `out`. */
export function byteRow(weight: usize, cols: i32, token: i32, position: usize, out: usize): void {
  const blocks = (cols + BLOCK - 1) / BLOCK;
  const lane = <usize>(token % PANEL);
  const panel = weight + <usize>(token / PANEL) * <usize>blocks * WEIGHT_BYTES;
  for (let c = 0; c < cols; c++) {
    const block = panel + <usize>(c / BLOCK) * WEIGHT_BYTES;
    const scale = f32.load(block + (lane << 2));
    const within = c % BLOCK;
    const value = <i32>load<i8>(block + VALUES_AT + <usize>(within / 4) * 32 + lane * 4 + <usize>(within % 4));
    f32.store(out + (<usize>c << 2), <f32>value * scale + f32.load(position + (<usize>c << 2)));
  }
}
