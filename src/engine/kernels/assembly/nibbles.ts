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

/** Half a panel's sums of one row's block, with relaxed SIMD: bytes times nibbles, four to a lane. */
// @ts-ignore: decorator
@inline
function dot(sum: v128, x: usize, nibbles: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load32_splat(x), nibbles, sum);
}

/** sum + products of pairs. */
// @ts-ignore: decorator
@inline
function pair(sum: v128, x: usize, nibbles: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(v128.load32_splat(x), nibbles));
}

/** Integer sums of a block in floats, scaled. */
// @ts-ignore: decorator
@inline
function scaled(total: v128, sum: v128, scales: v128, x: usize): v128 {
  return f32x4.add(total, f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(scales, v128.load32_splat(x + SCALE_AT))));
}

/** One row, four outputs, one block; `w` points at the first vector of the half panel. */
// @ts-ignore: decorator
@inline
function blockSum(x: usize, w: usize): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const mask = i8x16.splat(15);
    let high = i32x4.splat(0);
    let low = v128.load32_splat(x + OFFSET_AT);
    let packed = v128.load(w);
    let even = v128.and(packed, mask);
    let odd = v128.and(i16x8.shr_u(packed, 4), mask);
    high = dot(dot(high, x, even), x + 4, odd);
    low = dot(dot(low, x + 32, even), x + 36, odd);
    packed = v128.load(w, 32);
    even = v128.and(packed, mask);
    odd = v128.and(i16x8.shr_u(packed, 4), mask);
    high = dot(dot(high, x + 8, even), x + 12, odd);
    low = dot(dot(low, x + 40, even), x + 44, odd);
    packed = v128.load(w, 64);
    even = v128.and(packed, mask);
    odd = v128.and(i16x8.shr_u(packed, 4), mask);
    high = dot(dot(high, x + 16, even), x + 20, odd);
    low = dot(dot(low, x + 48, even), x + 52, odd);
    packed = v128.load(w, 96);
    even = v128.and(packed, mask);
    odd = v128.and(i16x8.shr_u(packed, 4), mask);
    high = dot(dot(high, x + 24, even), x + 28, odd);
    low = dot(dot(low, x + 56, even), x + 60, odd);
    return i32x4.add(i32x4.shl(high, 8), low);
  }
  // Nibbles two and three stay where they are in their lanes (times 16, times 256); the sums are shifted instead.
  let first = v128.load32_splat(x + OFFSET_AT);
  let second = i32x4.splat(0);
  let third = i32x4.splat(0);
  for (let i: usize = 0; i < 4; i++) {
    const packed = v128.load(w + i * 32);
    const values = x + i * 16;
    first = pair(first, values, v128.and(packed, i16x8.splat(0x000f)));
    second = pair(second, values + 4, v128.and(packed, i16x8.splat(0x00f0)));
    third = pair(third, values + 8, v128.and(packed, i16x8.splat(0x0f00)));
    first = pair(first, values + 12, i16x8.shr_u(packed, 12));
  }
  return i32x4.add(first, i32x4.add(i32x4.shr_s(second, 4), i32x4.shr_s(third, 8)));
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

/** Four outputs of four rows; `scales` and `w` point at the half panel's first scale and vector. */
function fourRows(x: usize, stride: usize, scales: usize, w: usize, blocks: i32, tile: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  let y = x + stride;
  let z = y + stride;
  let u = z + stride;
  for (let i = 0; i < blocks; i++) {
    const scale = v128.load(scales);
    if (ASC_FEATURE_RELAXED_SIMD) {
      const mask = i8x16.splat(15);
      let ah = i32x4.splat(0);
      let bh = i32x4.splat(0);
      let ch = i32x4.splat(0);
      let dh = i32x4.splat(0);
      let al = v128.load32_splat(x + OFFSET_AT);
      let bl = v128.load32_splat(y + OFFSET_AT);
      let cl = v128.load32_splat(z + OFFSET_AT);
      let dl = v128.load32_splat(u + OFFSET_AT);
      for (let j: usize = 0; j < 4; j++) {
        const packed = v128.load(w + j * 32);
        const even = v128.and(packed, mask);
        const odd = v128.and(i16x8.shr_u(packed, 4), mask);
        const at = j * 8;
        ah = dot(dot(ah, x + at, even), x + at + 4, odd);
        al = dot(dot(al, x + at + 32, even), x + at + 36, odd);
        bh = dot(dot(bh, y + at, even), y + at + 4, odd);
        bl = dot(dot(bl, y + at + 32, even), y + at + 36, odd);
        ch = dot(dot(ch, z + at, even), z + at + 4, odd);
        cl = dot(dot(cl, z + at + 32, even), z + at + 36, odd);
        dh = dot(dot(dh, u + at, even), u + at + 4, odd);
        dl = dot(dot(dl, u + at + 32, even), u + at + 36, odd);
      }
      a = scaled(a, i32x4.add(i32x4.shl(ah, 8), al), scale, x);
      b = scaled(b, i32x4.add(i32x4.shl(bh, 8), bl), scale, y);
      c = scaled(c, i32x4.add(i32x4.shl(ch, 8), cl), scale, z);
      d = scaled(d, i32x4.add(i32x4.shl(dh, 8), dl), scale, u);
    } else {
      let as = v128.load32_splat(x + OFFSET_AT);
      let bs = v128.load32_splat(y + OFFSET_AT);
      let cs = v128.load32_splat(z + OFFSET_AT);
      let ds = v128.load32_splat(u + OFFSET_AT);
      const mask = i16x8.splat(15);
      for (let j: usize = 0; j < 4; j++) {
        const packed = v128.load(w + j * 32);
        const at = j * 16;
        const n0 = v128.and(packed, mask);
        as = pair(as, x + at, n0);
        bs = pair(bs, y + at, n0);
        cs = pair(cs, z + at, n0);
        ds = pair(ds, u + at, n0);
        const n1 = v128.and(i16x8.shr_u(packed, 4), mask);
        as = pair(as, x + at + 4, n1);
        bs = pair(bs, y + at + 4, n1);
        cs = pair(cs, z + at + 4, n1);
        ds = pair(ds, u + at + 4, n1);
        const n2 = v128.and(i16x8.shr_u(packed, 8), mask);
        as = pair(as, x + at + 8, n2);
        bs = pair(bs, y + at + 8, n2);
        cs = pair(cs, z + at + 8, n2);
        ds = pair(ds, u + at + 8, n2);
        const n3 = i16x8.shr_u(packed, 12);
        as = pair(as, x + at + 12, n3);
        bs = pair(bs, y + at + 12, n3);
        cs = pair(cs, z + at + 12, n3);
        ds = pair(ds, u + at + 12, n3);
      }
      a = scaled(a, as, scale, x);
      b = scaled(b, bs, scale, y);
      c = scaled(c, cs, scale, z);
      d = scaled(d, ds, scale, u);
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
      let done = 1;
      if (rows - row >= 4) {
        fourRows(line, xStride, panel, panel + 32, blocks, tile);
        fourRows(line, xStride, panel + 16, panel + 48, blocks, tile + 16);
        done = 4;
      } else {
        oneRow(line, panel, blocks, tile);
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
