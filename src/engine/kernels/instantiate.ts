/** From the inlined binaries to running kernels. */

import { VerseletError } from '../../errors.ts';
import { bytesOfBase64 } from '../base64.ts';
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

/** Addresses and strides are in bytes; see `assembly/` for what each function does. */
export interface Kernels {
  /** One pass by the job at an address, on this thread and its helpers. Not 1 where a helper failed. */
  forward(job: number): number;
  nibbleProduct: Product;
  byteProduct: Product;
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
  gelu(x: number, stride: number, rows: number, width: number): void;
  probe(count: number): number;
}

/** An empty function whose result is a v128: valid exactly where SIMD is. */
const SIMD_PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Compiles a binary once; a failure is not remembered. */
function compile(binary: string): Promise<WebAssembly.Module> {
  const known = compiled.get(binary) ?? WebAssembly.compile(bytesOfBase64(binary));
  compiled.set(binary, known);
  known.catch(() => compiled.delete(binary));
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
  return WebAssembly.validate(bytesOfBase64(RELAXED_BINARY));
}

/**
 * The compiled kernels.
 * @param relaxed those that need relaxed SIMD.
 * @param shared those for a shared memory, with threads.
 * @throws VerseletError `no-device` where WebAssembly, its SIMD or the permission to compile it is missing.
 */
export async function compileKernels(relaxed: boolean, shared = false): Promise<WebAssembly.Module> {
  const binaries = shared ? await import('./shared-binary.ts') : { BASE_BINARY, RELAXED_BINARY };
  return guard(() => compile(relaxed ? binaries.RELAXED_BINARY : binaries.BASE_BINARY));
}

/** The kernels over `memory`. @throws VerseletError `no-device`. */
export async function instantiateKernels(memory: WebAssembly.Memory, module: WebAssembly.Module): Promise<Kernels> {
  const { exports } = await guard(() => WebAssembly.instantiate(module, { env: { memory } }));
  return exports as unknown as Kernels;
}

async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new VerseletError('no-device', 'The WebAssembly kernels cannot be compiled here.', {
      hint: "Allow 'wasm-unsafe-eval' in the page's content security policy, or use another browser.",
      cause,
    });
  }
}
