/** What every kernel shares: activation functions and the epilogue that turns a tile of sums into outputs. */

/** Positions in a page of the KV cache; `../cache.ts` has the same number. */
export const PAGE: i32 = 16;

/** Epilogue mode of a matrix product that adds to what the output holds (the residual stream); 0 is plain. */
export const MODE_ADD: i32 = 1;

/** Added to a number of less than 2^22, it leaves no room for a fraction: the sum is rounded to whole numbers, halves to even. */
export const ROUNDER: f32 = 12582912.0;
/** Bits of {@link ROUNDER}: what a rounded sum's bits exceed them by is the whole number. */
export const ROUNDER_BITS: i32 = 0x4b400000;

/**
 * e^x by Cody-Waite reduction and a polynomial of degree 6; relative error < 2e-7 for -87 <= x <= 88, clamped outside.
 * Rounding by a sum and `pmin`, `pmax`: each is one instruction where `nearest`, `trunc_sat`, `min`, `max` are several.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.0)), f32x4.splat(88.0));
  const shifted = f32x4.add(f32x4.mul(clamped, f32x4.splat(1.44269504088896341)), f32x4.splat(ROUNDER));
  const n = f32x4.sub(shifted, f32x4.splat(ROUNDER));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1.0));
  // The low bits of `shifted` are n: moved into the exponent they are 2^n.
  const exponent = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(127 << 23));
  return f32x4.mul(p, exponent);
}

/** Stores the first `count` (1 to 4) lanes of `value`. */
// @ts-ignore: decorator
@inline
export function storeLanes(address: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(address, value);
    return;
  }
  f32.store(address, f32x4.extract_lane(value, 0));
  if (count > 1) f32.store(address, f32x4.extract_lane(value, 1), 4);
  if (count > 2) f32.store(address, f32x4.extract_lane(value, 2), 8);
}

// @ts-ignore: decorator
@inline
export function sumLanes(value: v128): f32 {
  return (
    f32x4.extract_lane(value, 0) +
    f32x4.extract_lane(value, 1) +
    (f32x4.extract_lane(value, 2) + f32x4.extract_lane(value, 3))
  );
}

/** sum + two 16-bit activations (in each lane of `values`) times two weights in each lane. */
// @ts-ignore: decorator
@inline
export function pair(sum: v128, values: v128, weights: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(values, weights));
}

/** Integer sums of a block as floats, scaled by the weights' scales and the activations', added to `total`. */
// @ts-ignore: decorator
@inline
export function added(total: v128, sum: v128, scales: v128, scale: v128): v128 {
  return f32x4.add(total, f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.mul(scales, scale)));
}

/** Sets the 8 totals of each of 4 rows to 0. */
// @ts-ignore: decorator
@inline
export function clear(totals: usize): void {
  const zero = f32x4.splat(0);
  v128.store(totals, zero);
  v128.store(totals, zero, 16);
  v128.store(totals, zero, 32);
  v128.store(totals, zero, 48);
  v128.store(totals, zero, 64);
  v128.store(totals, zero, 80);
  v128.store(totals, zero, 96);
  v128.store(totals, zero, 112);
}

/** Adds one row's integer sums of a block to the 8 totals in a tile; `scale` is the address of the activations' scale. */
// @ts-ignore: decorator
@inline
export function addRow(totals: usize, a: v128, b: v128, scalesA: v128, scalesB: v128, scale: usize): void {
  const scales = v128.load32_splat(scale);
  v128.store(totals, added(v128.load(totals), a, scalesA, scales));
  v128.store(totals, added(v128.load(totals, 16), b, scalesB, scales), 16);
}

/**
 * Writes a tile of sums ([rows, lanes] floats, lanes a multiple of 4) as outputs first.. of `rows` rows.
 * `bias` is padded to whole tiles; 0 means none. Outputs from `outs` on do not exist and are not written.
 */
export function finish(
  tile: usize,
  lanes: i32,
  rows: i32,
  bias: usize,
  out: usize,
  outStride: usize,
  first: i32,
  outs: i32,
  mode: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const line = out + <usize>row * outStride + (<usize>first << 2);
    for (let lane = 0; lane < lanes; lane += 4) {
      const left = outs - first - lane;
      if (left <= 0) break;
      let value = v128.load(tile + (<usize>(row * lanes + lane) << 2));
      if (bias != 0) value = f32x4.add(value, v128.load(bias + (<usize>(first + lane) << 2)));
      if (mode == MODE_ADD) value = f32x4.add(value, v128.load(line + (<usize>lane << 2)));
      storeLanes(line + (<usize>lane << 2), value, left);
    }
  }
}
