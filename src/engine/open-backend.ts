/** The backend for a model on one device; each kind of code is fetched only when it is used. */

import { bytesSource } from '../convert/bytes.ts';
import { loadCheckpoint } from '../convert/checkpoint.ts';
import { parseConfig } from '../convert/config.ts';
import { readPacked } from '../convert/packed.ts';
import type { Gpt2Weights } from '../convert/types.ts';
import type { ModelFiles } from '../hub/types.ts';
import type { DevicePlan } from './device.ts';
import type { OrtRuntime } from './ort-runtime.ts';
import type { Backend, DeviceInfo } from './types.ts';

export interface BackendOptions {
  /** Told when the GPU is lost, also between calls. */
  onLost?(message: string): void;
  signal?: AbortSignal;
}

async function readWeights(files: ModelFiles, signal?: AbortSignal): Promise<Gpt2Weights> {
  if (files.format === 'packed') return readPacked(files.weights);
  return loadCheckpoint(bytesSource(files.weights), parseConfig(files.config), signal);
}

async function watch(runtime: OrtRuntime, onLost: BackendOptions['onLost']): Promise<void> {
  const gpu = await runtime.gpu();
  gpu?.lost.then(({ reason, message }) => onLost?.(`The GPU was lost (${message || reason}).`)).catch(() => {});
}

/**
 * One attempt on the device of `plan`; after a failure this worker must not try another.
 * @throws VerseletError `no-device`, `out-of-memory`, `unsupported-model`.
 */
export async function openBackend(files: ModelFiles, plan: DevicePlan, options: BackendOptions = {}): Promise<Backend> {
  const { kind, name, threads, why } = plan;
  const device: DeviceInfo = { kind, name, threads, why };
  if (kind === 'wasm' && files.format !== 'onnx') {
    const { createWasmBackend } = await import('./kernels/backend.ts');
    return createWasmBackend(await readWeights(files, options.signal), { threads });
  }
  const { loadOrtRuntime } = await import('./ort-runtime.ts');
  const runtime = await loadOrtRuntime({ kind, threads });
  const backend = await openOrt(runtime, files, plan, device, options.signal);
  await watch(runtime, options.onLost);
  return backend;
}

async function openOrt(
  runtime: OrtRuntime,
  files: ModelFiles,
  plan: DevicePlan,
  device: DeviceInfo,
  signal?: AbortSignal,
): Promise<Backend> {
  if (files.format === 'onnx') {
    const { createOnnxBackend } = await import('./onnx-backend.ts');
    return createOnnxBackend(runtime, files.weights, files.config, device);
  }
  const { createOrtBackend } = await import('./ort-backend.ts');
  return createOrtBackend(runtime, await readWeights(files, signal), plan.f16 ? 'q4f16' : 'q4f32', device);
}
