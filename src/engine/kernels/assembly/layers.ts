/** Layer normalisation and attention over a paged KV cache. */
import { exp4, PAGE, storeLanes, sumLanes } from './shared';

/** out = (x - mean) / sqrt(variance + epsilon) * weight + bias, for each of `rows` rows of `width` floats. */
export function layerNorm(
  x: usize,
  xStride: usize,
  out: usize,
  outStride: usize,
  rows: i32,
  width: i32,
  weight: usize,
  bias: usize,
  epsilon: f32,
): void {
  const whole = width & ~3;
  for (let row = 0; row < rows; row++) {
    const line = x + <usize>row * xStride;
    const target = out + <usize>row * outStride;
    let sums = f32x4.splat(0);
    for (let i = 0; i < whole; i += 4) sums = f32x4.add(sums, v128.load(line + (<usize>i << 2)));
    let sum = sumLanes(sums);
    for (let i = whole; i < width; i++) sum += f32.load(line + (<usize>i << 2));
    const mean = sum / <f32>width;
    const means = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    for (let i = 0; i < whole; i += 4) {
      const d = f32x4.sub(v128.load(line + (<usize>i << 2)), means);
      squares = f32x4.add(squares, f32x4.mul(d, d));
    }
    let square = sumLanes(squares);
    for (let i = whole; i < width; i++) {
      const d = f32.load(line + (<usize>i << 2)) - mean;
      square += d * d;
    }
    const scale = f32x4.splat(<f32>1 / sqrt<f32>(square / <f32>width + epsilon));
    for (let i = 0; i < width; i += 4) {
      const offset = <usize>i << 2;
      const d = f32x4.mul(f32x4.sub(v128.load(line + offset), means), scale);
      const value = f32x4.add(f32x4.mul(d, v128.load(weight + offset)), v128.load(bias + offset));
      storeLanes(target + offset, value, width - i);
    }
  }
}

/**
 * gelu_new in place, for `rows` rows of `width` floats, rounded up to 4:
 * x / 2 (1 + tanh(u)) = x / (1 + e^(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3).
 * A pass of its own: here the vectors of a row overlap, at the end of each product they would wait for one another.
 */
export function gelu(x: usize, stride: usize, rows: i32, width: i32): void {
  for (let row = 0; row < rows; row++) {
    const end = x + (<usize>width << 2);
    for (let address = x; address < end; address += 16) {
      const value = v128.load(address);
      const cube = f32x4.mul(f32x4.mul(value, value), value);
      const u = f32x4.add(value, f32x4.mul(cube, f32x4.splat(0.044715)));
      const e = exp4(f32x4.mul(u, f32x4.splat(-1.5957691216057308)));
      v128.store(address, f32x4.div(value, f32x4.add(e, f32x4.splat(1.0))));
    }
    x += stride;
  }
}

/**
 * Writes one position's key and value of heads first..last into a layer of a page.
 * Page layout of a layer: keys [heads, headDim, 16] (a vector holds positions), then values [heads, 16, padded headDim].
 */
export function append(
  key: usize,
  value: usize,
  page: usize,
  slot: i32,
  heads: i32,
  headDim: i32,
  first: i32,
  last: i32,
): void {
  const padded = (headDim + 3) & ~3;
  const end = last * headDim;
  let target = page + (<usize>(first * headDim * PAGE + slot) << 2);
  for (let i = first * headDim; i < end; i++) {
    f32.store(target, f32.load(key + (<usize>i << 2)));
    target += PAGE << 2;
  }
  const values = page + (<usize>(heads * headDim * PAGE) << 2);
  for (let head = first; head < last; head++) {
    const to = values + (<usize>((head * PAGE + slot) * padded) << 2);
    const from = value + (<usize>(head * headDim) << 2);
    for (let i = 0; i < headDim; i += 4) {
      const offset = <usize>i << 2;
      storeLanes(to + offset, v128.load(from + offset), headDim - i);
    }
  }
}

/** Scores of 16 positions of one head: q . k for each; even and odd dimensions add up apart, for two short chains. */
// @ts-ignore: decorator
@inline
function scorePage(query: usize, keys: usize, headDim: i32, scale: v128, scores: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  let e = f32x4.splat(0);
  let f = f32x4.splat(0);
  let g = f32x4.splat(0);
  let h = f32x4.splat(0);
  const end = query + (<usize>(headDim & ~1) << 2);
  while (query < end) {
    const q = v128.load32_splat(query);
    const r = v128.load32_splat(query, 4);
    a = f32x4.add(a, f32x4.mul(q, v128.load(keys)));
    b = f32x4.add(b, f32x4.mul(q, v128.load(keys, 16)));
    c = f32x4.add(c, f32x4.mul(q, v128.load(keys, 32)));
    d = f32x4.add(d, f32x4.mul(q, v128.load(keys, 48)));
    e = f32x4.add(e, f32x4.mul(r, v128.load(keys, 64)));
    f = f32x4.add(f, f32x4.mul(r, v128.load(keys, 80)));
    g = f32x4.add(g, f32x4.mul(r, v128.load(keys, 96)));
    h = f32x4.add(h, f32x4.mul(r, v128.load(keys, 112)));
    query += 8;
    keys += PAGE << 3;
  }
  if (headDim & 1) {
    const q = v128.load32_splat(query);
    a = f32x4.add(a, f32x4.mul(q, v128.load(keys)));
    b = f32x4.add(b, f32x4.mul(q, v128.load(keys, 16)));
    c = f32x4.add(c, f32x4.mul(q, v128.load(keys, 32)));
    d = f32x4.add(d, f32x4.mul(q, v128.load(keys, 48)));
  }
  v128.store(scores, f32x4.mul(f32x4.add(a, e), scale));
  v128.store(scores, f32x4.mul(f32x4.add(b, f), scale), 16);
  v128.store(scores, f32x4.mul(f32x4.add(c, g), scale), 32);
  v128.store(scores, f32x4.mul(f32x4.add(d, h), scale), 48);
}

/** Turns `count` scores into weights e^(s - max) and returns 1 / their sum; weights up to a multiple of 4 are 0. */
// @ts-ignore: decorator
@inline
function soften(scores: usize, count: i32): f32 {
  for (let i = count; i < ((count + 3) & ~3); i++) f32.store(scores + (<usize>i << 2), -Infinity);
  let tops = f32x4.splat(-Infinity);
  for (let i = 0; i < count; i += 4) tops = f32x4.max(tops, v128.load(scores + (<usize>i << 2)));
  const top = f32x4.splat(
    max(
      max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1)),
      max(f32x4.extract_lane(tops, 2), f32x4.extract_lane(tops, 3)),
    ),
  );
  let sums = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) {
    const address = scores + (<usize>i << 2);
    const score = v128.load(address);
    const weight = v128.and(exp4(f32x4.sub(score, top)), f32x4.gt(score, f32x4.splat(-Infinity)));
    v128.store(address, weight);
    sums = f32x4.add(sums, weight);
  }
  return <f32>1 / sumLanes(sums);
}

/** Weighted sum of 32 value columns over all positions. */
// @ts-ignore: decorator
@inline
function mix32(table: usize, offset: usize, padded: i32, scores: usize, count: i32, norm: v128, out: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  let e = f32x4.splat(0);
  let f = f32x4.splat(0);
  let g = f32x4.splat(0);
  let h = f32x4.splat(0);
  const step = <usize>padded << 2;
  const last = scores + (<usize>count << 2);
  while (scores < last) {
    let values = <usize>load<u32>(table) + offset;
    table += 4;
    const end = min(last, scores + (PAGE << 2));
    while (scores < end) {
      const weight = v128.load32_splat(scores);
      a = f32x4.add(a, f32x4.mul(weight, v128.load(values)));
      b = f32x4.add(b, f32x4.mul(weight, v128.load(values, 16)));
      c = f32x4.add(c, f32x4.mul(weight, v128.load(values, 32)));
      d = f32x4.add(d, f32x4.mul(weight, v128.load(values, 48)));
      e = f32x4.add(e, f32x4.mul(weight, v128.load(values, 64)));
      f = f32x4.add(f, f32x4.mul(weight, v128.load(values, 80)));
      g = f32x4.add(g, f32x4.mul(weight, v128.load(values, 96)));
      h = f32x4.add(h, f32x4.mul(weight, v128.load(values, 112)));
      values += step;
      scores += 4;
    }
  }
  v128.store(out, f32x4.mul(a, norm));
  v128.store(out, f32x4.mul(b, norm), 16);
  v128.store(out, f32x4.mul(c, norm), 32);
  v128.store(out, f32x4.mul(d, norm), 48);
  v128.store(out, f32x4.mul(e, norm), 64);
  v128.store(out, f32x4.mul(f, norm), 80);
  v128.store(out, f32x4.mul(g, norm), 96);
  v128.store(out, f32x4.mul(h, norm), 112);
}

/** Weighted sum of 4 value columns, of which `lanes` exist. */
// @ts-ignore: decorator
@inline
function mix4(
  table: usize,
  offset: usize,
  padded: i32,
  scores: usize,
  count: i32,
  norm: v128,
  out: usize,
  lanes: i32,
): void {
  let a = f32x4.splat(0);
  const step = <usize>padded << 2;
  for (let start = 0; start < count; start += PAGE) {
    let values = <usize>load<u32>(table + (<usize>(start / PAGE) << 2)) + offset;
    const end = min(count, start + PAGE);
    for (let i = start; i < end; i++) {
      a = f32x4.add(a, f32x4.mul(v128.load32_splat(scores + (<usize>i << 2)), v128.load(values)));
      values += step;
    }
  }
  storeLanes(out, f32x4.mul(a, norm), lanes);
}

/**
 * One query over the first `count` positions of its row, for heads first..last.
 * `table` lists the row's pages (u32 addresses), `layer` is this layer's offset in a page (bytes);
 * `scores` is scratch for `count` floats rounded up to 16.
 */
export function attend(
  query: usize,
  out: usize,
  table: usize,
  layer: usize,
  count: i32,
  heads: i32,
  headDim: i32,
  first: i32,
  last: i32,
  scores: usize,
): void {
  const padded = (headDim + 3) & ~3;
  const scale = f32x4.splat(<f32>1 / sqrt<f32>(<f32>headDim));
  const values = layer + (<usize>(heads * headDim * PAGE) << 2);
  for (let head = first; head < last; head++) {
    const start = <usize>(head * headDim) << 2;
    for (let i = 0; i < count; i += PAGE) {
      const page = <usize>load<u32>(table + (<usize>(i / PAGE) << 2)) + layer;
      scorePage(query + start, page + start * PAGE, headDim, scale, scores + (<usize>i << 2));
    }
    const norm = f32x4.splat(soften(scores, count));
    const base = values + (<usize>(head * PAGE * padded) << 2);
    let column = 0;
    for (; column + 32 <= headDim; column += 32) {
      const at = <usize>column << 2;
      mix32(table, base + at, padded, scores, count, norm, out + start + at);
    }
    for (; column < headDim; column += 4) {
      const at = <usize>column << 2;
      mix4(table, base + at, padded, scores, count, norm, out + start + at, headDim - column);
    }
  }
}
