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

// @ts-ignore: decorator
@inline
function dot(sum: v128, x: usize, weights: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, v128.load32_splat(x), sum);
}

// @ts-ignore: decorator
@inline
function pairs(sum: v128, x: v128, weights: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(x, weights));
}

// @ts-ignore: decorator
@inline
function scaled(total: v128, sum: v128, scales: v128, x: usize): v128 {
  return f32x4.add(total, f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(scales, v128.load32_splat(x + SCALE_AT))));
}

/** (high * 128 + low) - 8192 x the weights' sums. */
// @ts-ignore: decorator
@inline
function joined(high: v128, low: v128, sums: usize): v128 {
  return i32x4.sub(i32x4.add(i32x4.shl(high, 7), low), i32x4.shl(v128.load16x4_s(sums), 13));
}

/** Lanes of outputs 0 0 1 1 and 2 2 3 3 to outputs 0 1 2 3. */
// @ts-ignore: decorator
@inline
function folded(a: v128, b: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(a, b, 1, 3, 5, 7));
}

/** One row, four outputs, one block; `w` points at the first vector of the half panel, `sums` at its sums. */
// @ts-ignore: decorator
@inline
function blockSum(x: usize, w: usize, sums: usize): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    let high = i32x4.splat(0);
    let low = i32x4.splat(0);
    for (let i: usize = 0; i < 8; i++) {
      const weights = v128.load(w + i * 32);
      high = dot(high, x + i * 4, weights);
      low = dot(low, x + i * 4 + 32, weights);
    }
    return joined(high, low, sums);
  }
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  for (let i: usize = 0; i < 8; i++) {
    const values = v128.load64_splat(x + i * 8);
    a = pairs(a, values, v128.load8x8_s(w + i * 32));
    b = pairs(b, values, v128.load8x8_s(w + i * 32, 8));
  }
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

/** Outputs `half` * 4 .. of four rows. */
function fourRows(x: usize, stride: usize, panel: usize, half: usize, blocks: i32, tile: usize): void {
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
    let a0 = i32x4.splat(0);
    let a1 = i32x4.splat(0);
    let b0 = i32x4.splat(0);
    let b1 = i32x4.splat(0);
    let c0 = i32x4.splat(0);
    let c1 = i32x4.splat(0);
    let d0 = i32x4.splat(0);
    let d1 = i32x4.splat(0);
    for (let j: usize = 0; j < 8; j++) {
      if (ASC_FEATURE_RELAXED_SIMD) {
        const weights = v128.load(w + j * 32);
        a0 = dot(a0, x + j * 4, weights);
        a1 = dot(a1, x + j * 4 + 32, weights);
        b0 = dot(b0, y + j * 4, weights);
        b1 = dot(b1, y + j * 4 + 32, weights);
        c0 = dot(c0, z + j * 4, weights);
        c1 = dot(c1, z + j * 4 + 32, weights);
        d0 = dot(d0, u + j * 4, weights);
        d1 = dot(d1, u + j * 4 + 32, weights);
      } else {
        const first = v128.load8x8_s(w + j * 32);
        const second = v128.load8x8_s(w + j * 32, 8);
        let values = v128.load64_splat(x + j * 8);
        a0 = pairs(a0, values, first);
        a1 = pairs(a1, values, second);
        values = v128.load64_splat(y + j * 8);
        b0 = pairs(b0, values, first);
        b1 = pairs(b1, values, second);
        values = v128.load64_splat(z + j * 8);
        c0 = pairs(c0, values, first);
        c1 = pairs(c1, values, second);
        values = v128.load64_splat(u + j * 8);
        d0 = pairs(d0, values, first);
        d1 = pairs(d1, values, second);
      }
    }
    if (ASC_FEATURE_RELAXED_SIMD) {
      a = scaled(a, joined(a0, a1, sums), scale, x);
      b = scaled(b, joined(b0, b1, sums), scale, y);
      c = scaled(c, joined(c0, c1, sums), scale, z);
      d = scaled(d, joined(d0, d1, sums), scale, u);
    } else {
      a = scaled(a, folded(a0, a1), scale, x);
      b = scaled(b, folded(b0, b1), scale, y);
      c = scaled(c, folded(c0, c1), scale, z);
      d = scaled(d, folded(d0, d1), scale, u);
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
      let done = 1;
      if (rows - row >= 4) {
        fourRows(line, xStride, panel, 0, blocks, tile);
        fourRows(line, xStride, panel, 1, blocks, tile + 16);
        done = 4;
      } else {
        oneRow(line, panel, blocks, tile);
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
