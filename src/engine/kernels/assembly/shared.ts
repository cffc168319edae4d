/** What every kernel shares: activation functions and the epilogue that turns a tile of sums into outputs. */

/** Epilogue mode of a matrix product that adds to what the output holds (the residual stream); 0 is plain. */
export const MODE_ADD: i32 = 1;

/**
 * e^x by Cody-Waite reduction and a polynomial of degree 6; relative error < 2e-7 for -87 <= x <= 88, clamped outside.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const clamped = f32x4.min(f32x4.max(x, f32x4.splat(-87.0)), f32x4.splat(88.0));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1.0));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
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
