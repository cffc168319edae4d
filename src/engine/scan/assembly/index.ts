/**
 * Passes over a row of logits that a draw needs, four at a time. `count` is a multiple of 32: the row is padded with
 * -Infinity. Addresses are in bytes.
 */

const LOG2_E: f32 = 1.4426950408889634;
/** ln 2 in two parts, the first exact in few bits, so that n ln 2 is subtracted without loss. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
/** Added to a small number, it leaves no room for a fraction: the sum is rounded to whole numbers. */
const ROUNDER: f32 = 12582912;
/** exp of less is nothing beside a term of 1, and its exponent would not fit. */
const LEAST: f32 = -80;
/** To a hundredth of what tells two logits apart. */
const HALVINGS: i32 = 13;

/** Highest of the row, NaN passed over where it can be; the highest of each 32 goes to `blocks`. */
export function highest(row: usize, count: i32, blocks: usize): f32 {
  let top = f32x4.splat(-Infinity);
  for (let i = 0; i < count; i += 32) {
    const at = row + (<usize>i << 2);
    let best = f32x4.pmax(v128.load(at), v128.load(at, 16));
    best = f32x4.pmax(best, f32x4.pmax(v128.load(at, 32), v128.load(at, 48)));
    best = f32x4.pmax(best, f32x4.pmax(v128.load(at, 64), v128.load(at, 80)));
    best = f32x4.pmax(best, f32x4.pmax(v128.load(at, 96), v128.load(at, 112)));
    top = f32x4.pmax(top, best);
    v128.store_lane<f32>(blocks + (<usize>i >> 3), largest(best), 0);
  }
  return f32x4.extract_lane(largest(top), 0);
}

/**
 * Leaves the values whose byte in `mask` is not 0; the others become -Infinity. Returns the highest that is left; that of
 * each 32 goes to `blocks`.
 */
export function admit(row: usize, count: i32, mask: usize, blocks: usize): f32 {
  let top = f32x4.splat(-Infinity);
  for (let i = 0; i < count; i += 32) {
    const at = row + (<usize>i << 2);
    const best = f32x4.pmax(admit16(at, v128.load(mask + i)), admit16(at + 64, v128.load(mask + i, 16)));
    top = f32x4.pmax(top, best);
    v128.store_lane<f32>(blocks + (<usize>i >> 3), largest(best), 0);
  }
  return f32x4.extract_lane(largest(top), 0);
}

// @ts-ignore: decorator
@inline
function admit16(at: usize, mask: v128): v128 {
  const out = i8x16.eq(mask, i8x16.splat(0));
  const low = i16x8.extend_low_i8x16_s(out);
  const high = i16x8.extend_high_i8x16_s(out);
  const a = admit4(at, i32x4.extend_low_i16x8_s(low));
  const b = admit4(at + 16, i32x4.extend_high_i16x8_s(low));
  const c = admit4(at + 32, i32x4.extend_low_i16x8_s(high));
  const d = admit4(at + 48, i32x4.extend_high_i16x8_s(high));
  return f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
}

/** Four values, those with set bits in `out` replaced. */
// @ts-ignore: decorator
@inline
function admit4(at: usize, out: v128): v128 {
  const left = v128.bitselect(f32x4.splat(-Infinity), v128.load(at), out);
  v128.store(at, left);
  return left;
}

// @ts-ignore: decorator
@inline
function largest(x: v128): v128 {
  const pairs = f32x4.pmax(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return f32x4.pmax(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2));
}

/** exp(x) for x of at most 0, within 3e-7 of the value. */
// @ts-ignore: decorator
@inline
function exp(value: v128): v128 {
  const x = f32x4.pmax(value, f32x4.splat(LEAST));
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2_E)), f32x4.splat(ROUNDER));
  const n = f32x4.sub(shifted, f32x4.splat(ROUNDER));
  let f = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  f = f32x4.sub(f, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let sum = f32x4.add(f32x4.mul(f, f32x4.splat(1.0 / 720)), f32x4.splat(1.0 / 120));
  sum = f32x4.add(f32x4.mul(f, sum), f32x4.splat(1.0 / 24));
  sum = f32x4.add(f32x4.mul(f, sum), f32x4.splat(1.0 / 6));
  sum = f32x4.add(f32x4.mul(f, sum), f32x4.splat(0.5));
  sum = f32x4.add(f32x4.mul(f, sum), f32x4.splat(1));
  sum = f32x4.add(f32x4.mul(f, sum), f32x4.splat(1));
  // The low bits of `shifted` are n: moved into the exponent they are 2^n.
  const power = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(127 << 23));
  return f32x4.mul(sum, power);
}

/** Sum of exp(x - top) over the row. */
export function mass(row: usize, count: i32, top: f32): f64 {
  const shift = f32x4.splat(top);
  let total = f64x2.splat(0);
  for (let i = 0; i < count; i += 32) {
    const at = row + (<usize>i << 2);
    let a = exp(f32x4.sub(v128.load(at), shift));
    let b = exp(f32x4.sub(v128.load(at, 16), shift));
    a = f32x4.add(a, exp(f32x4.sub(v128.load(at, 32), shift)));
    b = f32x4.add(b, exp(f32x4.sub(v128.load(at, 48), shift)));
    a = f32x4.add(a, exp(f32x4.sub(v128.load(at, 64), shift)));
    b = f32x4.add(b, exp(f32x4.sub(v128.load(at, 80), shift)));
    a = f32x4.add(a, exp(f32x4.sub(v128.load(at, 96), shift)));
    b = f32x4.add(b, exp(f32x4.sub(v128.load(at, 112), shift)));
    const sum = f32x4.add(a, b);
    total = f64x2.add(total, f64x2.promote_low_f32x4(sum));
    total = f64x2.add(total, f64x2.promote_low_f32x4(v128.shuffle<i32>(sum, sum, 2, 3, 0, 1)));
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/**
 * A value that at least `limit` of the row reach, and few more: found by halving the range below `top` while enough
 * blocks (a multiple of 4) reach its middle. -Infinity where too few reach its lower end.
 */
export function floorOf(blocks: usize, count: i32, limit: i32, top: f32): f32 {
  let low = top + LEAST;
  if (reach(blocks, count, low) < limit) return -Infinity;
  let high = top;
  for (let i = 0; i < HALVINGS; i++) {
    const middle: f32 = (low + high) * 0.5;
    if (reach(blocks, count, middle) < limit) high = middle;
    else low = middle;
  }
  return low;
}

/** How many of the values reach `floor`. */
// @ts-ignore: decorator
@inline
function reach(blocks: usize, count: i32, floor: f32): i32 {
  const limit = f32x4.splat(floor);
  let sums = i32x4.splat(0);
  // A comparison that holds is -1.
  for (let i = 0; i < count; i += 4) sums = i32x4.sub(sums, f32x4.ge(v128.load(blocks + (<usize>i << 2)), limit));
  return (
    i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
  );
}

/** Writes the places of all values of at least `floor`, in order, to `out`. Returns how many. */
export function atLeast(row: usize, count: i32, blocks: usize, floor: f32, out: usize): i32 {
  const limit = f32x4.splat(floor);
  let found = 0;
  for (let start = 0; start < count; start += 32) {
    if (!(f32.load(blocks + (<usize>start >> 3)) >= floor)) continue;
    for (let i = start; i < start + 32; i += 4) {
      let bits = i32x4.bitmask(f32x4.ge(v128.load(row + (<usize>i << 2)), limit));
      while (bits) {
        i32.store(out + (<usize>found << 2), i + ctz(bits));
        found += 1;
        bits &= bits - 1;
      }
    }
  }
  return found;
}
