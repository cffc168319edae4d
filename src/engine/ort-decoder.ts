/** A {@link Backend} over an ONNX session; what differs between graphs is how tokens become inputs. */

import { fromHalves } from '../convert/half.ts';
import { checkSelect, stepsOf } from './backend-checks.ts';
import { deviceError } from './device-errors.ts';
import { cacheNames, OrtCache } from './ort-cache.ts';
import type { CacheShape } from './ort-cache.ts';
import type { InferenceSession, OrtRuntime, Tensor } from './ort-runtime.ts';
import type { Backend, DeviceInfo } from './types.ts';

/** One forward, as an input maker sees it. */
export interface Step {
  /** [rows, steps], row-major. */
  tokens: Int32Array;
  rows: number;
  steps: number;
  /** Positions before these. */
  past: number;
  /** Positions at the end whose logits are wanted: 1 or `steps`. */
  wanted: number;
}

export interface OrtDecoderOptions {
  device: DeviceInfo;
  vocab: number;
  context: number;
  cache: CacheShape;
  /** The inputs apart from the cache. */
  inputs(step: Step): Record<string, Tensor>;
  /** For graphs whose branch with a cache takes one position at a time. */
  singleSteps?: boolean;
}

/** Session options that keep the cache of `layers` layers where the device computes. */
export function cacheOnDevice(runtime: OrtRuntime, layers: number): InferenceSession.SessionOptions {
  if (runtime.kind !== 'webgpu') return {};
  const locations = cacheNames(layers).map((name) => [`present.${name}`, 'gpu-buffer'] as const);
  return { preferredOutputLocation: Object.fromEntries(locations) };
}

/** Logits as f32, whatever the graph gives. */
function asFloats(data: Tensor['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) return fromHalves(data);
  return Float32Array.from(data as unknown as ArrayLike<number>);
}

export class OrtDecoder implements Backend {
  readonly device: DeviceInfo;
  readonly vocab: number;
  readonly context: number;
  /** Set after a test shows that the graph needs it. */
  singleSteps: boolean;
  readonly #session: InferenceSession;
  readonly #cache: OrtCache;
  readonly #inputs: OrtDecoderOptions['inputs'];

  constructor(runtime: OrtRuntime, session: InferenceSession, options: OrtDecoderOptions) {
    this.device = options.device;
    this.vocab = options.vocab;
    this.context = options.context;
    this.singleSteps = options.singleSteps ?? false;
    this.#inputs = options.inputs;
    this.#session = session;
    this.#cache = new OrtCache(runtime, options.cache);
  }

  get rows(): number {
    return this.#cache.rows;
  }

  get length(): number {
    return this.#cache.length;
  }

  async forward(tokens: Int32Array, options: { all?: boolean } = {}): Promise<Float32Array> {
    const steps = stepsOf(this, tokens);
    const wanted = options.all ? steps : 1;
    if (this.singleSteps && steps > 1 && this.length > 0) return this.#oneByOne(tokens, steps, wanted);
    return this.#run({ tokens, rows: this.rows, steps, past: this.length, wanted });
  }

  async select(from: readonly number[], length: number): Promise<void> {
    checkSelect(this, from, length);
    try {
      await this.#cache.select(from, length);
    } catch (error) {
      throw deviceError(error, 'device-lost');
    }
  }

  async dispose(): Promise<void> {
    this.#cache.dispose();
    await this.#session.release();
  }

  async #run(step: Step): Promise<Float32Array> {
    const { rows, steps, wanted } = step;
    try {
      const results = await this.#session.run({ ...this.#cache.feeds(), ...this.#inputs(step) });
      this.#cache.accept(results as Record<string, Tensor>, steps);
      const logits = results.logits as Tensor;
      const values = asFloats(logits.data);
      const given = logits.dims[1]!;
      return given === wanted ? values : this.#lastOf(values, rows, given);
    } catch (error) {
      throw deviceError(error, 'device-lost');
    }
  }

  /** The last of `given` logits of every row. */
  #lastOf(values: Float32Array, rows: number, given: number): Float32Array {
    const { vocab } = this;
    if (rows === 1) return values.subarray((given - 1) * vocab);
    const out = new Float32Array(rows * vocab);
    for (let row = 0; row < rows; row++) {
      const start = (row * given + given - 1) * vocab;
      out.set(values.subarray(start, start + vocab), row * vocab);
    }
    return out;
  }

  async #oneByOne(tokens: Int32Array, steps: number, wanted: number): Promise<Float32Array> {
    const { rows, vocab } = this;
    const out = new Float32Array(rows * wanted * vocab);
    for (let step = 0; step < steps; step++) {
      const column = Int32Array.from({ length: rows }, (_, row) => tokens[row * steps + step]!);
      const logits = await this.#run({ tokens: column, rows, steps: 1, past: this.length, wanted: 1 });
      const slot = step - (steps - wanted);
      if (slot < 0) continue;
      for (let row = 0; row < rows; row++) {
        out.set(logits.subarray(row * vocab, (row + 1) * vocab), (row * wanted + slot) * vocab);
      }
    }
    return out;
  }
}
