/**
 * f32 matrices. Layout: panels of 16 output features, each [cols, 16]: lanes are outputs, so sums need no reduction
 * and every output is one chain over the columns in order, whatever the number of rows: batches equal single rows bit for bit.
 */
import { finish } from './shared';

const PANEL: i32 = 16;

// @ts-ignore: decorator
@inline
function mac(sum: v128, x: v128, weight: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, weight));
}

function oneRow(x: usize, panel: usize, cols: i32, tile: usize): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  const end = x + (<usize>cols << 2);
  while (x < end) {
    const value = v128.load32_splat(x);
    a = mac(a, value, v128.load(panel));
    b = mac(b, value, v128.load(panel, 16));
    c = mac(c, value, v128.load(panel, 32));
    d = mac(d, value, v128.load(panel, 48));
    x += 4;
    panel += 64;
  }
  v128.store(tile, a);
  v128.store(tile, b, 16);
  v128.store(tile, c, 32);
  v128.store(tile, d, 48);
}

function twoRows(x: usize, stride: usize, panel: usize, cols: i32, tile: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let b3 = f32x4.splat(0);
  let y = x + stride;
  const end = x + (<usize>cols << 2);
  while (x < end) {
    const p = v128.load32_splat(x);
    const q = v128.load32_splat(y);
    const w0 = v128.load(panel);
    a0 = mac(a0, p, w0);
    b0 = mac(b0, q, w0);
    const w1 = v128.load(panel, 16);
    a1 = mac(a1, p, w1);
    b1 = mac(b1, q, w1);
    const w2 = v128.load(panel, 32);
    a2 = mac(a2, p, w2);
    b2 = mac(b2, q, w2);
    const w3 = v128.load(panel, 48);
    a3 = mac(a3, p, w3);
    b3 = mac(b3, q, w3);
    x += 4;
    y += 4;
    panel += 64;
  }
  v128.store(tile, a0);
  v128.store(tile, a1, 16);
  v128.store(tile, a2, 32);
  v128.store(tile, a3, 48);
  v128.store(tile, b0, 64);
  v128.store(tile, b1, 80);
  v128.store(tile, b2, 96);
  v128.store(tile, b3, 112);
}

/** Eight outputs (half a panel) of four rows. */
function fourRows(x: usize, stride: usize, panel: usize, cols: i32, tile: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let d0 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  let y = x + stride;
  let z = y + stride;
  let u = z + stride;
  const end = x + (<usize>cols << 2);
  while (x < end) {
    const w0 = v128.load(panel);
    const w1 = v128.load(panel, 16);
    let value = v128.load32_splat(x);
    a0 = mac(a0, value, w0);
    a1 = mac(a1, value, w1);
    value = v128.load32_splat(y);
    b0 = mac(b0, value, w0);
    b1 = mac(b1, value, w1);
    value = v128.load32_splat(z);
    c0 = mac(c0, value, w0);
    c1 = mac(c1, value, w1);
    value = v128.load32_splat(u);
    d0 = mac(d0, value, w0);
    d1 = mac(d1, value, w1);
    x += 4;
    y += 4;
    z += 4;
    u += 4;
    panel += 64;
  }
  v128.store(tile, a0);
  v128.store(tile, a1, 16);
  v128.store(tile, b0, 64);
  v128.store(tile, b1, 80);
  v128.store(tile, c0, 128);
  v128.store(tile, c1, 144);
  v128.store(tile, d0, 192);
  v128.store(tile, d1, 208);
}

/**
 * out[r, o] = epilogue(sum over c of x[r, c] w[o, c] + bias[o]) for the outputs of panels from..to.
 * Strides in bytes; `tile` is scratch of 4 x 16 floats; `outs` is how many outputs exist.
 */
export function denseProduct(
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
  const bytes = (<usize>cols * PANEL) << 2;
  for (let index = from; index < to; index++) {
    const panel = weight + <usize>index * bytes;
    let row = 0;
    while (row < rows) {
      const line = x + <usize>row * xStride;
      const left = rows - row;
      let done = 1;
      if (left >= 4) {
        fourRows(line, xStride, panel, cols, tile);
        fourRows(line, xStride, panel + 32, cols, tile + 32);
        done = 4;
      } else if (left >= 2) {
        twoRows(line, xStride, panel, cols, tile);
        done = 2;
      } else {
        oneRow(line, panel, cols, tile);
      }
      finish(tile, PANEL, done, bias, out + <usize>row * outStride, outStride, index * PANEL, outs, mode);
      row += done;
    }
  }
}

/** Row `token` of an f32 matrix, plus `position` (a row of wpe), into `out`. */
export function denseRow(weight: usize, cols: i32, token: i32, position: usize, out: usize): void {
  let source = weight + ((<usize>(token / PANEL) * cols * PANEL + <usize>(token % PANEL)) << 2);
  for (let c = 0; c < cols; c++) {
    const offset = <usize>c << 2;
    f32.store(out + offset, f32.load(source) + f32.load(position + offset));
    source += PANEL << 2;
  }
}
