/** From the inlined binaries to running kernels. */

import { VerseletError } from '../../errors.ts';
import { BASE_BINARY, RELAXED_BINARY } from './binary.ts';

/** out[row, o] = sum over c of x[row, c] weight[o, c] + bias[o], for the outputs of panels from..to. */
type Product = (
  x: number,
  xStride: number,
  rows: number,
  weight: number,
  cols: number,
  bias: number,
  out: number,
  outStride: number,
  outs: number,
  from: number,
  to: number,
  mode: number,
  tile: number,
) => void;

/** out = row `token` of a matrix + the floats at `position`. */
type Row = (weight: number, cols: number, token: number, position: number, out: number) => void;

/** Addresses and strides are in bytes; see `assembly/` for what each function does. */
export interface Kernels {
  denseProduct: Product;
  nibbleProduct: Product;
  byteProduct: Product;
  denseRow: Row;
  nibbleRow: Row;
  byteRow: Row;
  quantize(
    x: number,
    xStride: number,
    rows: number,
    cols: number,
    bits: number,
    out: number,
    outStride: number,
    scratch: number,
  ): void;
  layerNorm(
    x: number,
    xStride: number,
    out: number,
    outStride: number,
    rows: number,
    width: number,
    weight: number,
    bias: number,
    epsilon: number,
  ): void;
  gelu(x: number, stride: number, rows: number, width: number): void;
  append(key: number, value: number, page: number, slot: number, heads: number, headDim: number): void;
  attend(
    query: number,
    out: number,
    table: number,
    layer: number,
    count: number,
    heads: number,
    headDim: number,
    scores: number,
  ): void;
}

/** What a matrix product does with its sums; the numbers that `assembly/shared.ts` reads. */
export const MODE = { plain: 0, add: 1 } as const;

/** An empty function whose result is a v128: valid exactly where SIMD is. */
const SIMD_PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Compiles a binary once. */
function compile(binary: string): Promise<WebAssembly.Module> {
  const known = compiled.get(binary) ?? WebAssembly.compile(bytesOf(binary));
  compiled.set(binary, known);
  return known;
}

/**
 * Whether this realm can run the kernels.
 * @throws VerseletError `no-device`, naming what is missing.
 */
export function requireSimd(): void {
  if (typeof WebAssembly !== 'object') {
    throw new VerseletError('no-device', 'This browser has no WebAssembly, or it is switched off.');
  }
  if (!WebAssembly.validate(SIMD_PROBE)) {
    throw new VerseletError('no-device', 'This browser has WebAssembly without SIMD (128-bit vectors).');
  }
}

/** Whether the engine accepts relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(bytesOf(RELAXED_BINARY));
}

/**
 * The kernels over `memory`, from the relaxed binary or the base one.
 * @throws VerseletError `no-device` where WebAssembly, its SIMD or the permission to compile it is missing.
 */
export async function instantiateKernels(memory: WebAssembly.Memory, relaxed: boolean): Promise<Kernels> {
  try {
    const instance = await WebAssembly.instantiate(await compile(relaxed ? RELAXED_BINARY : BASE_BINARY), { env: { memory } });
    return instance.exports as unknown as Kernels;
  } catch (cause) {
    throw new VerseletError('no-device', 'The WebAssembly kernels cannot be compiled here.', {
      hint: "Allow 'wasm-unsafe-eval' in the page's content security policy, or use another browser.",
      cause,
    });
  }
}
