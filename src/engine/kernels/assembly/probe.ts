/** Which instructions are the faster ones depends on the processor, which WebAssembly hides: they are timed. */
import { pair } from './shared';

// @ts-ignore: decorator
@inline
function multiply(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, sum);
  return pair(sum, a, b);
}

/** `count` times 8 of this binary's multiplications; each 16 products of a byte and a nibble take two in either binary. */
export function probe(count: i32): i32 {
  let a = i32x4.splat(0);
  let b = i32x4.splat(1);
  let c = i32x4.splat(2);
  let d = i32x4.splat(3);
  let x = i32x4.splat(count);
  const y = i32x4.splat(0x01020304);
  for (let i = 0; i < count; i++) {
    a = multiply(a, x, y);
    b = multiply(b, a, y);
    c = multiply(c, x, y);
    d = multiply(d, c, y);
    x = i32x4.add(x, y);
    a = multiply(a, x, y);
    b = multiply(b, x, y);
    c = multiply(c, x, y);
    d = multiply(d, x, y);
  }
  return i32x4.extract_lane(i32x4.add(i32x4.add(a, b), i32x4.add(c, d)), 0);
}
