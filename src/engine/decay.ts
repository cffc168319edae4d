/** exp(-x) at a fraction of what Math.exp costs. */

/** Table entries for each unit of x. */
const FINE = 64;
/** Beyond this, exp(-x) is below 1e-13: nothing beside a term of 1. */
const END = 30;

const TABLE = Float64Array.from({ length: FINE * END + 1 }, (_, i) => Math.exp(-i / FINE));

/** exp(-x) for x ≥ 0, within a ten-millionth of the value; 0 from 30 on, NaN for NaN. */
export function decay(x: number): number {
  if (x >= END) return 0;
  const i = (x * FINE + 0.5) | 0;
  // At most half a table step: two terms of the series are enough.
  const rest = i / FINE - x;
  return TABLE[i]! * (1 + rest * (1 + rest * 0.5));
}

/** Σ exp(values - top), where `top` is the highest value; [n] → number. */
export function decaySum(values: Float32Array, top: number): number {
  // Four sums, so that none waits for the last addition.
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += decay(top - values[i]!);
    b += decay(top - values[i + 1]!);
    c += decay(top - values[i + 2]!);
    d += decay(top - values[i + 3]!);
  }
  for (let i = whole; i < values.length; i++) a += decay(top - values[i]!);
  return a + b + c + d;
}
