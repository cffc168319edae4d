/** The backend for a model on one device; each kind of code is fetched only when it is used. */

import { bytesSource } from '../convert/bytes.ts';
import { loadCheckpoint } from '../convert/checkpoint.ts';
import { parseConfig } from '../convert/config.ts';
import type { Precision } from '../convert/graph.ts';
import { readPacked } from '../convert/packed.ts';
import type { Gpt2Weights } from '../convert/types.ts';
import type { ModelFiles } from '../hub/types.ts';
import { asVerseletError } from '../errors.ts';
import type { DevicePlan } from './device.ts';
import type { OrtRuntime } from './ort-runtime.ts';
import type { Backend } from './types.ts';

export interface BackendOptions {
  /** Our own kernels and shaders (the default where there is a choice), or ONNX Runtime, e.g. to compare the two. */
  decoder?: 'own' | 'onnxruntime';
  signal?: AbortSignal;
}

export interface OpenBackend {
  backend: Backend;
  /** Resolves with a sentence when the device is lost, also between calls and when it is given up. */
  lost?: Promise<string>;
}

/** Fetches the CPU's kernels and tries them, so that they are there when the model is. What fails is told when they are used. */
export function prepareCpu(): void {
  void import('./kernels/backend.ts').then(({ relaxedSimdChosen }) => relaxedSimdChosen()).catch(() => undefined);
}

async function readWeights(files: ModelFiles, signal?: AbortSignal): Promise<Gpt2Weights> {
  if (files.format === 'packed') return readPacked(files.weights);
  return loadCheckpoint(bytesSource(files.weights), parseConfig(files.config), signal);
}

/**
 * One attempt on the device of `plan`; after a failure this worker must not try another.
 * @throws VerseletError `no-device`, `out-of-memory`, `unsupported-model`.
 */
export async function openBackend(
  files: ModelFiles,
  plan: DevicePlan,
  options: BackendOptions = {},
): Promise<OpenBackend> {
  if (files.format === 'onnx') return openOnnx(files, plan);
  const weights = await readWeights(files, options.signal);
  if (options.decoder === 'onnxruntime') return openGraph(weights, plan);
  if (plan.kind === 'webgpu') return (await openWgsl(weights, plan)) ?? openGraph(weights, plan);
  const { createWasmBackend } = await import('./kernels/backend.ts');
  const backend = await createWasmBackend(weights, { threads: plan.threads, why: plan.why });
  return { backend, lost: backend.lost };
}

/**
 * Our own decoder; undefined where it refuses the model or the adapter before anything is computed, which leaves ONNX
 * Runtime its chance.
 */
async function openWgsl(weights: Gpt2Weights, { why }: DevicePlan): Promise<OpenBackend | undefined> {
  const { createWgslBackend } = await import('./wgsl/backend.ts');
  try {
    const backend = await createWgslBackend(weights, { why });
    return { backend, lost: backend.lost.catch((error: unknown) => asVerseletError(error).message) };
  } catch (error) {
    if (asVerseletError(error).code === 'no-device') return undefined;
    throw error;
  }
}

/** ONNX Runtime's threads spin while they wait: where the page needs the cores too, they cost more than they give. */
function fewerThreads(plan: DevicePlan): DevicePlan {
  return { ...plan, threads: Math.max(1, plan.threads >> 1) };
}

async function openRuntime({ kind, threads }: DevicePlan): Promise<OrtRuntime> {
  const { loadOrtRuntime } = await import('./ort-runtime.ts');
  return loadOrtRuntime({ kind, threads });
}

/** Only after the first session: before it the runtime has no device. */
async function lossOf(runtime: OrtRuntime): Promise<Pick<OpenBackend, 'lost'>> {
  const gpu = await runtime.gpu();
  return { lost: gpu?.lost.then(({ reason, message }) => `The GPU was lost (${message || reason}).`) };
}

/** ONNX Runtime's 4-bit kernels are several times slower than its f32 ones on the CPU. */
function graphPrecision({ kind, f16 }: DevicePlan): Precision {
  if (kind === 'wasm') return 'f32';
  return f16 ? 'q4f16' : 'q4f32';
}

async function openGraph(weights: Gpt2Weights, wish: DevicePlan): Promise<OpenBackend> {
  const plan = fewerThreads(wish);
  const runtime = await openRuntime(plan);
  const { createOrtBackend } = await import('./ort-backend.ts');
  const backend = await createOrtBackend(runtime, weights, graphPrecision(plan), plan);
  return { backend, ...(await lossOf(runtime)) };
}

async function openOnnx(files: ModelFiles, wish: DevicePlan): Promise<OpenBackend> {
  const plan = fewerThreads(wish);
  const runtime = await openRuntime(plan);
  const { createOnnxBackend } = await import('./onnx-backend.ts');
  const backend = await createOnnxBackend(runtime, files.weights, files.config, plan);
  return { backend, ...(await lossOf(runtime)) };
}
