/** The KV cache of an ONNX session: the tensors that one run gives are fed to the next, and stay on the device. */

import type { OrtRuntime, Tensor } from './ort-runtime.ts';

export interface CacheShape {
  layers: number;
  heads: number;
  headSize: number;
  type: 'float32' | 'float16';
  /** Input names start with this: `past` or `past_key_values`; outputs with `present`. */
  inputs: string;
}

/** `N.key` and `N.value` of every layer. */
export function cacheNames(layers: number): string[] {
  return Array.from({ length: layers }, (_, i) => [`${i}.key`, `${i}.value`]).flat();
}

/** Where row blocks go: `heads` pieces of [length, headSize] cut from pieces of [before, headSize]. */
interface CopyPlan {
  from: readonly number[];
  before: number;
  length: number;
  heads: number;
  headSize: number;
}

/** [source, target, count] in elements for every contiguous piece. */
function* pieces({ from, before, length, heads, headSize }: CopyPlan): Generator<[number, number, number]> {
  for (const [row, source] of from.entries()) {
    if (length === before) {
      const size = heads * length * headSize;
      yield [source * size, row * size, size];
      continue;
    }
    for (let head = 0; head < heads; head++) {
      const start = (source * heads + head) * before * headSize;
      yield [start, (row * heads + head) * length * headSize, length * headSize];
    }
  }
}

/** Keys and values, [rows, heads, length, headSize] each, in the session's order. */
export class OrtCache {
  rows = 1;
  length = 0;
  readonly #runtime: OrtRuntime;
  readonly #shape: CacheShape;
  readonly #names: string[];
  #tensors: Map<string, Tensor>;

  constructor(runtime: OrtRuntime, shape: CacheShape) {
    this.#runtime = runtime;
    this.#shape = shape;
    this.#names = cacheNames(shape.layers);
    this.#tensors = this.#empty(1);
  }

  /** The session's inputs by name. */
  feeds(): Record<string, Tensor> {
    return Object.fromEntries([...this.#tensors].map(([name, tensor]) => [`${this.#shape.inputs}.${name}`, tensor]));
  }

  /** Takes over what a run of `steps` more positions gave. */
  accept(results: Readonly<Record<string, Tensor>>, steps: number): void {
    const old = this.#tensors;
    this.#tensors = new Map(this.#names.map((name) => [name, results[`present.${name}`]!]));
    this.length += steps;
    this.#release(old);
  }

  async select(from: readonly number[], length: number): Promise<void> {
    const old = this.#tensors;
    const { heads, headSize } = this.#shape;
    if (length === 0) this.#tensors = this.#empty(from.length);
    else {
      const plan = { from, before: this.length, length, heads, headSize };
      const gpu = await this.#runtime.gpu();
      this.#tensors = gpu ? this.#gatherOnGpu(gpu, plan) : this.#gather(plan);
    }
    this.rows = from.length;
    this.length = length;
    this.#release(old);
  }

  dispose(): void {
    this.#release(this.#tensors);
    this.#tensors = new Map();
  }

  #empty(rows: number): Map<string, Tensor> {
    const { heads, headSize, type } = this.#shape;
    const { Tensor } = this.#runtime;
    const make = (): Tensor => {
      const dims = [rows, heads, 0, headSize];
      if (type === 'float16') return new Tensor(type, new Uint16Array(0), dims);
      return new Tensor(type, new Float32Array(0), dims);
    };
    return new Map(this.#names.map((name) => [name, make()]));
  }

  #gather(plan: CopyPlan): Map<string, Tensor> {
    const { heads, headSize, type } = this.#shape;
    const dims = [plan.from.length, heads, plan.length, headSize];
    const copy = ([name, tensor]: [string, Tensor]): [string, Tensor] => {
      const data = tensor.data as Float32Array;
      const Same = data.constructor as new (length: number) => Float32Array;
      const out = new Same(dims.reduce((product, size) => product * size, 1));
      for (const [source, target, count] of pieces(plan)) out.set(data.subarray(source, source + count), target);
      return [name, new this.#runtime.Tensor(type as 'float32', out, dims)];
    };
    return new Map([...this.#tensors].map(copy));
  }

  #gatherOnGpu(device: GPUDevice, plan: CopyPlan): Map<string, Tensor> {
    const { heads, headSize, type } = this.#shape;
    const bytes = type === 'float16' ? 2 : 4;
    const dims = [plan.from.length, heads, plan.length, headSize];
    const size = dims.reduce((product, count) => product * count, bytes);
    const encoder = device.createCommandEncoder();
    const copy = ([name, tensor]: [string, Tensor]): [string, Tensor] => {
      const buffer = device.createBuffer({
        // ONNX Runtime binds whole 16-byte units.
        size: Math.ceil(size / 16) * 16,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      });
      const source = tensor.gpuBuffer as unknown as GPUBuffer;
      for (const [start, target, count] of pieces(plan)) {
        encoder.copyBufferToBuffer(source, start * bytes, buffer, target * bytes, count * bytes);
      }
      const options = { dataType: type, dims, dispose: () => buffer.destroy() };
      return [name, this.#runtime.Tensor.fromGpuBuffer(buffer as never, options)];
    };
    const gathered = new Map([...this.#tensors].map(copy));
    device.queue.submit([encoder.finish()]);
    return gathered;
  }

  #release(tensors: Map<string, Tensor>): void {
    for (const tensor of tensors.values()) tensor.dispose();
  }
}
