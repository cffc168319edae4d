/**
 * 8-bit matrices, 8 outputs a panel, 32 columns a block. A block of a panel is 304 bytes: 8 f32 scales, 8 i16 sums of the
 * block's weights, then for each 4 columns two vectors (outputs 0-3 and 4-7) of 4 outputs x 4 signed bytes.
 * The sums take off the 8192 by which relaxed SIMD's unsigned activations are too high. Exact as 4-bit matrices are.
 */
import { BLOCK, BLOCK_BYTES, SCALE_AT } from './activations';
import { finish } from './shared';

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

/** sum + pairs of 16-bit activations times pairs of weights, of two outputs. */
// @ts-ignore: decorator
@inline
function pairs(sum: v128, x: usize, at: usize, weights: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(v128.load64_splat(x + at), weights));
}

/** Integer sums of a block as floats, scaled. */
// @ts-ignore: decorator
@inline
function scaled(total: v128, sum: v128, scales: v128, x: usize): v128 {
  return f32x4.add(total, f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(scales, v128.load32_splat(x, SCALE_AT))));
}

/** Lanes of outputs 0 0 1 1 and 2 2 3 3 to outputs 0 1 2 3. */
// @ts-ignore: decorator
@inline
function folded(a: v128, b: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(a, b, 1, 3, 5, 7));
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

/** Base SIMD: two outputs of one row over half a block, from byte `at` of x. */
// @ts-ignore: decorator
@inline
function sumOfPairs(sum: v128, x: usize, at: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  sum = pairs(sum, x, at, a);
  sum = pairs(sum, x, at + 8, b);
  sum = pairs(sum, x, at + 16, c);
  return pairs(sum, x, at + 24, d);
}

/** One row, four outputs, one block; `w` points at the first vector of the half panel, `sums` at its sums. */
// @ts-ignore: decorator
@inline
function blockSum(x: usize, w: usize, sums: usize): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const offset = i32x4.shl(v128.load16x4_s(sums), 13);
    const a = v128.load(w);
    const b = v128.load(w, 32);
    const c = v128.load(w, 64);
    const d = v128.load(w, 96);
    return sumOfBytes(x, offset, a, b, c, d, v128.load(w, 128), v128.load(w, 160), v128.load(w, 192), v128.load(w, 224));
  }
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  a = pairs(a, x, 0, v128.load8x8_s(w));
  b = pairs(b, x, 0, v128.load8x8_s(w, 8));
  a = pairs(a, x, 8, v128.load8x8_s(w, 32));
  b = pairs(b, x, 8, v128.load8x8_s(w, 40));
  a = pairs(a, x, 16, v128.load8x8_s(w, 64));
  b = pairs(b, x, 16, v128.load8x8_s(w, 72));
  a = pairs(a, x, 24, v128.load8x8_s(w, 96));
  b = pairs(b, x, 24, v128.load8x8_s(w, 104));
  a = pairs(a, x, 32, v128.load8x8_s(w, 128));
  b = pairs(b, x, 32, v128.load8x8_s(w, 136));
  a = pairs(a, x, 40, v128.load8x8_s(w, 160));
  b = pairs(b, x, 40, v128.load8x8_s(w, 168));
  a = pairs(a, x, 48, v128.load8x8_s(w, 192));
  b = pairs(b, x, 48, v128.load8x8_s(w, 200));
  a = pairs(a, x, 56, v128.load8x8_s(w, 224));
  b = pairs(b, x, 56, v128.load8x8_s(w, 232));
  return folded(a, b);
}

function oneRow(x: usize, w: usize, blocks: i32, tile: usize): void {
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

/** Outputs half * 4 to half * 4 + 3 of two or four rows, sharing each block's weights. */
function moreRows(x: usize, stride: usize, four: bool, panel: usize, half: usize, blocks: i32, tile: usize): void {
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
    if (ASC_FEATURE_RELAXED_SIMD) {
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
    } else {
      let a0 = i32x4.splat(0);
      let a1 = i32x4.splat(0);
      let b0 = i32x4.splat(0);
      let b1 = i32x4.splat(0);
      let c0 = i32x4.splat(0);
      let c1 = i32x4.splat(0);
      let d0 = i32x4.splat(0);
      let d1 = i32x4.splat(0);
      for (let at: usize = 0; at < 64; at += 32) {
        const from = w + at * 4;
        let w0 = v128.load8x8_s(from);
        let w1 = v128.load8x8_s(from, 32);
        let w2 = v128.load8x8_s(from, 64);
        let w3 = v128.load8x8_s(from, 96);
        a0 = sumOfPairs(a0, x + at, 0, w0, w1, w2, w3);
        b0 = sumOfPairs(b0, y + at, 0, w0, w1, w2, w3);
        if (four) {
          c0 = sumOfPairs(c0, z + at, 0, w0, w1, w2, w3);
          d0 = sumOfPairs(d0, u + at, 0, w0, w1, w2, w3);
        }
        w0 = v128.load8x8_s(from, 8);
        w1 = v128.load8x8_s(from, 40);
        w2 = v128.load8x8_s(from, 72);
        w3 = v128.load8x8_s(from, 104);
        a1 = sumOfPairs(a1, x + at, 0, w0, w1, w2, w3);
        b1 = sumOfPairs(b1, y + at, 0, w0, w1, w2, w3);
        if (four) {
          c1 = sumOfPairs(c1, z + at, 0, w0, w1, w2, w3);
          d1 = sumOfPairs(d1, u + at, 0, w0, w1, w2, w3);
        }
      }
      a = scaled(a, folded(a0, a1), scale, x);
      b = scaled(b, folded(b0, b1), scale, y);
      if (four) {
        c = scaled(c, folded(c0, c1), scale, z);
        d = scaled(d, folded(d0, d1), scale, u);
      }
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
