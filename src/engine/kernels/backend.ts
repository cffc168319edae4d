/**
 * A GPT-2 on the CPU: our own WebAssembly kernels behind the engine's {@link Backend}. A few kB in place of a runtime of
 * some MB, in browsers (best in a worker: `forward` computes without a pause) and in Node.
 *
 * - Matrices of 4 or 8 bits compute as they are, with activations as 16-bit or 14-bit integers, a scale for each 32:
 *   the sums of a block are exact, so base SIMD, relaxed SIMD, every engine, every batch size, every number of threads
 *   and every way to cut a prompt give the same bits, and so the same poem. Measured on verse-nano against the same
 *   weights in f32: the same 1,800 of 1,800 greedy tokens, logits off by 2.5e-4 (root mean square; 0.002 at most, of up
 *   to 20).
 * - Which kernel: the matrix decides. Quantized ones take the integer kernels at every size, since these measured faster
 *   than the same matrix in f32 for one row (2.4 times at verse-nano, 3 times at GPT-2 small's shape, where memory
 *   decides) and for eight (1.4 and 2 times). Dense ones, and odd block sizes, compute in f32. Whether by relaxed SIMD,
 *   a short race tells: its dot product is twice as fast where the processor has one, and slower by a half where not.
 * - Threads, where memory can be shared: each takes its rows through all layers (`assembly/forward.ts`).
 * - No fused multiply-add in f32, though relaxed SIMD has one: it would round differently from device to device.
 */

import type { Gpt2Config, Gpt2Weights } from '../../convert/types.ts';
import { asVerseletError, VerseletError } from '../../errors.ts';
import { checkSelect, stepsOf } from '../backend-checks.ts';
import type { Backend, DeviceInfo } from '../types.ts';
import { relaxedSimdChosen } from './agreement.ts';
import { Arena } from './arena.ts';
import { layerBytes, PagedCache } from './cache.ts';
import { compileKernels, instantiateKernels, requireSimd } from './instantiate.ts';
import type { Kernels } from './instantiate.ts';
import { packModel } from './model.ts';
import { Job, writeModel } from './table.ts';
import { Helpers, maySleep, sharedMemory } from './threads.ts';
import type { StartThread } from './threads.ts';
import { Workspace } from './workspace.ts';

/** Positions (of all rows together) that one pass through the layers computes: bounds the scratch memory. */
const PASS = 64;

/**
 * Multiplications between two meetings of threads that share one line's products: fewer cost less than the meeting. At
 * verse-nano's 0.2 million two threads took twice as long as one, at GPT-2 small's 2 million they were 1.4 times as fast.
 */
const WORTH_MEETING = 1e6;

/** Whether threads may share the products of a single line. */
function sharesLines({ layers, width, inner, vocab }: Gpt2Config): boolean {
  const products = layers * width * (4 * width + 2 * inner) + vocab * width;
  return products / (5 * layers + 1) > WORTH_MEETING;
}

export interface WasmOptions {
  /** Threads that compute, this one included; 1 where memory cannot be shared or helpers do not start. Default: 1. */
  threads?: number;
  /** The relaxed SIMD binary: the faster of the two where absent. */
  relaxed?: boolean;
  /** Compute quantized matrices in f32 (for comparison; slower). */
  expand?: boolean;
  /** One sentence: why this device. */
  why?: string;
  /** How helpers are started. */
  startThread?: StartThread;
}

/** The kernels over a memory, and who computes with them. */
interface Machine extends Crew {
  arena: Arena;
  kernels: Kernels;
}

interface Crew {
  helpers?: Helpers;
  /** Why there are none, where there should be. */
  alone?: string;
}

class WasmBackend implements Backend {
  readonly device: DeviceInfo;
  /** Resolves with a sentence when a helper thread has ended by itself. */
  readonly lost: Promise<string> | undefined;
  readonly #config: Gpt2Config;
  readonly #machine: Machine;
  readonly #cache: PagedCache;
  readonly #space: Workspace;
  readonly #job: Job;
  readonly #sharesLines: boolean;
  #unusable: string | undefined;

  /** @param model address of what `writeModel` wrote. */
  constructor(machine: Machine, config: Gpt2Config, model: number, why = 'Own WebAssembly kernels compute on the CPU.') {
    const { arena, alone, helpers } = machine;
    const threads = 1 + (helpers?.count ?? 0);
    this.device = { kind: 'wasm', name: 'CPU', threads, why: alone === undefined ? why : `${why} ${alone}` };
    this.lost = helpers?.lost;
    void this.lost?.then((message) => {
      this.#unusable ??= message;
    });
    this.#config = config;
    this.#machine = machine;
    this.#cache = new PagedCache(arena, config);
    this.#space = new Workspace(arena, config, threads);
    this.#job = new Job(arena, config, model, layerBytes(config), threads > 1 && maySleep());
    this.#sharesLines = sharesLines(config);
  }

  get vocab(): number {
    return this.#config.vocab;
  }

  get context(): number {
    return this.#config.context;
  }

  get rows(): number {
    return this.#cache.rows;
  }

  get length(): number {
    return this.#cache.length;
  }

  /** Bytes of WebAssembly memory: weights, cache and scratch. */
  get memoryBytes(): number {
    return this.#machine.arena.bytes;
  }

  /** Pages of the KV cache in use; rows share the pages of their common prefix. */
  get cachePages(): number {
    return this.#cache.pages;
  }

  async forward(tokens: Int32Array, options: { all?: boolean } = {}): Promise<Float32Array> {
    this.#alive();
    const steps = stepsOf(this, tokens);
    const { rows } = this;
    const { arena } = this.#machine;
    const all = options.all === true;
    const perPass = Math.max(1, Math.floor(PASS / rows));
    // Threads that share a line normalise it each for itself.
    const lines = Math.max(rows * Math.min(steps, perPass), this.device.threads ** 2);
    this.#space.reserve(tokens.length, lines, rows * (all ? steps : 1));
    this.#cache.reserve(steps);
    arena.words(this.#space.tokens, tokens.length).set(tokens);
    for (let from = 0; from < steps; from += perPass) {
      const count = Math.min(perPass, steps - from);
      const threads = this.#sharesLines ? this.device.threads : Math.min(this.device.threads, rows * count);
      const last = from + count === steps ? 'last' : 'none';
      this.#job.write({ threads, from, steps, count, logits: all ? 'all' : last }, this.#cache, this.#space);
      this.#run();
      this.#cache.advance(count);
    }
    return this.#space.view(rows * (all ? steps : 1) * this.vocab);
  }

  async select(from: readonly number[], length: number): Promise<void> {
    this.#alive();
    checkSelect(this, from, length);
    this.#cache.select(from, length);
  }

  async dispose(): Promise<void> {
    this.#unusable ??= 'The model was already disposed.';
    this.#machine.helpers?.end();
  }

  #run(): void {
    if (this.#machine.kernels.forward(this.#job.address)) return;
    this.#unusable ??= 'A thread on the CPU failed.';
    this.#alive();
  }

  #alive(): void {
    if (this.#unusable !== undefined) throw new VerseletError('device-lost', this.#unusable);
  }
}

interface Base {
  arena: Arena;
  module: WebAssembly.Module;
  /** What keeps several threads from sharing the memory. */
  refusal?: unknown;
}

async function baseFor(threads: number, relaxed: boolean): Promise<Base> {
  let refusal: unknown;
  if (threads > 1) {
    try {
      return { arena: new Arena(sharedMemory()), module: await compileKernels(relaxed, true) };
    } catch (error) {
      refusal = error;
    }
  }
  return { arena: new Arena(), module: await compileKernels(relaxed), refusal };
}

/** `count` helpers, or the reason why there are none. */
async function callHelpers({ arena, module, refusal }: Base, count: number, startThread?: StartThread): Promise<Crew> {
  if (count === 0) return {};
  try {
    if (refusal) throw refusal;
    return { helpers: await Helpers.start(module, arena.memory, count, startThread) };
  } catch (error) {
    const { message } = asVerseletError(error);
    return { alone: `One thread computes, because others could not be started: ${message.replace(/[.\s]+$/, '')}.` };
  }
}

/**
 * A backend over `weights`, which it copies into WebAssembly memory.
 * @throws VerseletError `no-device` where WebAssembly SIMD is missing or forbidden; `out-of-memory`.
 */
export async function createWasmBackend(weights: Gpt2Weights, options: WasmOptions = {}): Promise<WasmBackend> {
  requireSimd();
  const { threads = 1, startThread, expand = false, why } = options;
  const base = await baseFor(threads, options.relaxed ?? (await relaxedSimdChosen()));
  const { arena, module } = base;
  const kernels = await instantiateKernels(arena.memory, module);
  // Helpers start while the weights are packed.
  const crew = callHelpers(base, threads - 1, startThread);
  try {
    const model = writeModel(arena, weights.config, packModel(arena, weights, expand));
    return new WasmBackend({ arena, kernels, ...(await crew) }, weights.config, model, why);
  } catch (error) {
    (await crew).helpers?.end();
    throw error;
  }
}

export { relaxedSimdChosen };
export type { WasmBackend };
