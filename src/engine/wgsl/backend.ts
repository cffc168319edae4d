/**
 * A decoder of our own for exactly GPT-2, in WGSL: weights stay in 4 bits, a step is one command buffer of 5 dispatches a
 * layer and 3, reads less than a kilobyte a row, and allocates nothing after warm-up. ONNX Runtime needs some hundred
 * dispatches for the same step.
 */

import { VerseletError } from '../../errors.ts';
import type { Gpt2Config, Gpt2Weights } from '../../convert/types.ts';
import type { Backend, DeviceInfo } from '../types.ts';
import { type Gpu, guarded, openGpu } from './device.ts';
import { grainOf } from './grain.ts';
import { Readback } from './readback.ts';
import { WgslReducer } from './reducer.ts';
import { copyRowsShader } from './shaders.ts';
import { Pipelines, type StepBuffers, StepPlan, type StepSize } from './step.ts';
import { columns, scatterRows } from './windows.ts';
import { type WeightBuffers, largestBuffer, uploadWeights } from './weight-buffers.ts';

const PARAMS_BYTES = 32;
/** Room for tokens of one step; longer inputs go in several steps. */
const MOST_TOKENS = 128;
const FIRST_CAPACITY = 128;

export interface WgslOptions {
  /** One sentence: why this device. */
  why: string;
  /** Kernels as they suit a CPU that plays the GPU, or a real one; by default what the adapter is. */
  software?: boolean;
}

/**
 * @throws VerseletError `no-device` without an adapter or when the model's shape or size does not fit it,
 *   `out-of-memory` when the GPU has too little memory.
 */
export async function createWgslBackend(weights: Gpt2Weights, options: WgslOptions): Promise<WgslBackend> {
  const { width, inner, heads } = weights.config;
  if (width % 8 !== 0 || inner % 8 !== 0 || width % heads !== 0) {
    throw new VerseletError('no-device', `Our GPU decoder needs widths that 8 divides; this model has ${width} and ${inner}.`);
  }
  const gpu = await openGpu(largestBuffer(weights));
  const uploaded = await guarded(gpu.device, () => uploadWeights(gpu.device, weights));
  const backend = new WgslBackend({ ...gpu, software: options.software ?? gpu.software }, weights.config, uploaded, options.why);
  await guarded(gpu.device, () => backend.reserve(1, FIRST_CAPACITY));
  return backend;
}

export class WgslBackend implements Backend {
  readonly device: DeviceInfo;
  readonly vocab: number;
  readonly context: number;
  /** What a decode step costs, for the benchmark: counted, not timed. */
  readonly counts = { dispatchesPerStep: 0, bytesRead: 0, steps: 0, buffersCreated: 0 };
  #gpu: Gpu;
  #config: Gpt2Config;
  #weights: WeightBuffers;
  #pipelines: Pipelines;
  #buffers: StepBuffers | undefined;
  readonly #readback: Readback;
  readonly reducer: WgslReducer;
  #plan: StepPlan | undefined;
  #slots = [0];
  #length = 0;
  /** Physical rows and positions that the cache has room for. */
  #roomRows = 0;
  #capacity = 0;

  constructor(gpu: Gpu, config: Gpt2Config, weights: WeightBuffers, why: string) {
    this.#gpu = gpu;
    this.#config = config;
    this.#weights = weights;
    this.#pipelines = new Pipelines(gpu.device, config, grainOf(gpu.software).linear);
    this.vocab = config.vocab;
    this.context = config.context;
    this.device = { kind: 'webgpu', name: gpu.name, threads: 1, why };
    this.#readback = new Readback(gpu.device, gpu.lost, this.counts);
    this.reducer = new WgslReducer({
      device: gpu.device,
      vocab: config.vocab,
      mostTokens: MOST_TOKENS,
      threads: grainOf(gpu.software).rowThreads,
      readback: this.#readback,
      run: (tokens, finish) => {
        this.#run(tokens, this.#stepsOf(tokens), true, finish);
        this.counts.dispatchesPerStep += 1;
      },
      buffer: (bytes) => this.#buffer(bytes),
      compile: (code) => this.#pipelines.compile(code),
    });
  }

  get rows(): number {
    return this.#slots.length;
  }

  get length(): number {
    return this.#length;
  }

  /** Rejects when the GPU is lost. */
  get lost(): Promise<never> {
    return this.#gpu.lost;
  }

  async forward(tokens: Int32Array, { all = false }: { all?: boolean } = {}): Promise<Float32Array> {
    const { rows } = this;
    const steps = this.#stepsOf(tokens);
    const chunk = Math.max(1, Math.floor(MOST_TOKENS / rows));
    if (steps <= chunk) return this.#step(tokens, steps, all);
    const gathered = all ? new Float32Array(tokens.length * this.vocab) : undefined;
    let last: Float32Array | undefined;
    for (let from = 0; from < steps; from += chunk) {
      const width = Math.min(chunk, steps - from);
      last = await this.#step(columns(tokens, { rows, steps, from, width }), width, all);
      if (gathered) scatterRows(last, gathered, { rows, steps, from, width, vocab: this.vocab });
    }
    return gathered ?? last!;
  }

  #stepsOf(tokens: Int32Array): number {
    const steps = tokens.length / this.rows;
    if (!Number.isInteger(steps) || steps < 1) throw new RangeError(`${tokens.length} tokens are not the same number for ${this.rows} rows`);
    if (this.#length + steps > this.context) throw new RangeError(`${this.#length + steps} positions exceed the context of ${this.context}`);
    return steps;
  }

  async select(from: readonly number[], length: number): Promise<void> {
    const wanted = from.map((row) => this.#slots[row]!);
    this.#length = length;
    // The first sequence that continues a row keeps its place; others need a copy.
    const free = Array.from({ length: Math.max(this.#roomRows, from.length) }, (_, slot) => slot).filter((slot) => !wanted.includes(slot));
    const taken = new Set<number>();
    const moves: [number, number][] = [];
    const slots = wanted.map((slot) => {
      if (!taken.has(slot)) {
        taken.add(slot);
        return slot;
      }
      const target = free.shift()!;
      moves.push([slot, target]);
      return target;
    });
    this.reserve(Math.max(...slots) + 1, Math.max(length, 1));
    this.#slots = slots;
    if (moves.length > 0 && length > 0) this.#copyRows(moves);
  }

  async dispose(): Promise<void> {
    this.#gpu.device.destroy();
  }

  /** Makes room for cache rows and positions; what the cache holds stays. */
  reserve(rows: number, positions: number): void {
    if (rows <= this.#roomRows && positions <= this.#capacity) return;
    const roomRows = Math.max(this.#roomRows, rows);
    let capacity = Math.max(this.#capacity, FIRST_CAPACITY);
    while (capacity < positions) capacity *= 2;
    capacity = Math.min(capacity, this.context);
    const old = this.#buffers;
    const { layers, width } = this.#config;
    const rowBytes = (positionsOfRow: number) => positionsOfRow * 2 * width * 4;
    const caches = Array.from({ length: layers }, () => this.#buffer(roomRows * rowBytes(capacity)));
    if (old && this.#length > 0) {
      const encoder = this.#gpu.device.createCommandEncoder();
      old.caches.forEach((cache, layer) => {
        for (let row = 0; row < this.#roomRows; row++) {
          encoder.copyBufferToBuffer(cache, row * rowBytes(this.#capacity), caches[layer]!, row * rowBytes(capacity), rowBytes(Math.min(this.#capacity, capacity)));
        }
      });
      this.#gpu.device.queue.submit([encoder.finish()]);
    }
    for (const cache of old?.caches ?? []) cache.destroy();
    this.#buffers = { ...(old ?? this.#activations()), caches };
    this.#roomRows = roomRows;
    this.#capacity = capacity;
    this.#plan = undefined;
  }

  #activations(): Omit<StepBuffers, 'caches'> {
    const { width, inner, context } = this.#config;
    return {
      params: this.#buffer(PARAMS_BYTES, GPUBufferUsage.UNIFORM),
      tokens: this.#buffer(MOST_TOKENS * 4),
      slots: this.#buffer(Math.max(MOST_TOKENS, context) * 4),
      x: this.#buffer(MOST_TOKENS * width * 4),
      query: this.#buffer(MOST_TOKENS * width * 4),
      mixed: this.#buffer(MOST_TOKENS * width * 4),
      hidden: this.#buffer(MOST_TOKENS * inner * 4),
      logits: this.#buffer(this.vocab * 4 * 16),
    };
  }

  async #step(tokens: Int32Array, steps: number, all: boolean): Promise<Float32Array> {
    const bytes = (all ? tokens.length : this.rows) * this.vocab * 4;
    this.#run(tokens, steps, all, (encoder, logits) => this.#readback.copy(encoder, logits, 0, bytes));
    return new Float32Array(await this.#readback.read(bytes));
  }

  /** Encodes a step and what `finish` adds, and submits both. */
  #run(tokens: Int32Array, steps: number, all: boolean, finish: (encoder: GPUCommandEncoder, logits: GPUBuffer) => void): void {
    const { device } = this.#gpu;
    const size: StepSize = { tokens: tokens.length, headRows: all ? tokens.length : this.rows };
    this.reserve(this.#roomRows, this.#length + steps);
    this.#growLogits(size.headRows);
    const buffers = this.#buffers!;
    this.#plan ??= new StepPlan(this.#pipelines, this.#weights, buffers);
    const head = all ? [size.headRows, 1, 0] : [size.headRows, steps, steps - 1];
    device.queue.writeBuffer(buffers.params, 0, new Uint32Array([this.rows, steps, this.#length, this.#capacity, ...head, 0]));
    device.queue.writeBuffer(buffers.tokens, 0, tokens as Int32Array<ArrayBuffer>);
    device.queue.writeBuffer(buffers.slots, 0, new Uint32Array(this.#slots));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    this.#plan.encode(pass, size);
    pass.end();
    finish(encoder, buffers.logits);
    device.queue.submit([encoder.finish()]);
    this.#length += steps;
    this.counts.steps += 1;
    this.counts.dispatchesPerStep = this.#plan.dispatches;
  }

  #growLogits(rows: number): void {
    const bytes = rows * this.vocab * 4;
    const buffers = this.#buffers!;
    if (buffers.logits.size >= bytes) return;
    buffers.logits.destroy();
    buffers.logits = this.#buffer(bytes);
    this.#plan = undefined;
  }

  #copyRows(moves: [number, number][]): void {
    const { device } = this.#gpu;
    const { width } = this.#config;
    const buffers = this.#buffers!;
    const pipeline = this.#pipelines.compile(copyRowsShader(width));
    device.queue.writeBuffer(buffers.params, 0, new Uint32Array([0, 0, this.#length, this.#capacity, 0, 0, 0, 0]));
    device.queue.writeBuffer(buffers.slots, 0, new Uint32Array(moves.flat()));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    for (const cache of buffers.caches) {
      const entries = [buffers.params, buffers.slots, cache].map((buffer, binding) => ({ binding, resource: { buffer } }));
      pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(Math.max(1, Math.ceil((this.#length * 2 * width) / 1024)), moves.length);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  #buffer(bytes: number, kind = GPUBufferUsage.STORAGE): GPUBuffer {
    this.counts.buffersCreated += 1;
    const usage = kind | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return this.#gpu.device.createBuffer({ size: Math.max(16, Math.ceil(bytes / 16) * 16), usage });
  }
}
