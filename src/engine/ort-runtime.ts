/** The only file that loads ONNX Runtime: scripts and WebAssembly come from our own origin, when they are needed. */

import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { VerseletError } from '../errors.ts';
import { deviceError } from './device-errors.ts';
import type { DeviceKind } from './types.ts';

export type { InferenceSession, Tensor };

type TensorConstructor = typeof Tensor;

/** The parts of ONNX Runtime that a decoder uses; onnxruntime-node has them too. */
export interface OrtRuntime {
  kind: DeviceKind;
  Tensor: TensorConstructor;
  createSession(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  /** The device that sessions compute on, there after the first session on WebGPU. */
  gpu(): Promise<GPUDevice | undefined>;
}

export interface OrtOptions {
  kind: DeviceKind;
  /** Threads on WASM. */
  threads: number;
}

/** What ONNX Runtime says when its own WebAssembly did not start, whatever the reason. */
const NOT_STARTED = /no available backend/i;

/** @throws VerseletError `no-device`, naming the runtime's file, when the site does not have it. */
async function assertThere(path: string, base: string): Promise<void> {
  const url = new URL(path, base).href;
  const status = await fetch(url, { method: 'HEAD' }).then((answer) => (answer.ok ? '' : `answered ${answer.status}`), () => 'could not be reached');
  if (status === '') return;
  throw new VerseletError('no-device', `A file of ONNX Runtime is missing: ${url} ${status}.`, {
    hint: 'Put up every file of the built site, or choose a model that comes with it: those need no such file.',
  });
}

/**
 * Loads the runtime and sets it up for this worker. One runtime a worker: after a failure it must not be used again.
 * @throws VerseletError `no-device`, `out-of-memory`.
 */
export async function loadOrtRuntime({ kind, threads }: OrtOptions): Promise<OrtRuntime> {
  try {
    const [{ InferenceSession, Tensor, env }, mjs, wasm] = await Promise.all([
      import('onnxruntime-web/webgpu'),
      import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url'),
      import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'),
    ]);
    // Not `location`: in a worker that was started from a blob it says nothing about where we come from.
    const here = import.meta.url;
    env.wasm.wasmPaths = { mjs: new URL(mjs.default, here).href, wasm: new URL(wasm.default, here).href };
    env.wasm.numThreads = kind === 'wasm' ? threads : 1;
    env.logLevel = 'error';
    if (kind === 'webgpu') env.webgpu.powerPreference = 'high-performance';
    const provider = kind === 'webgpu' ? 'webgpu' : 'wasm';
    return {
      kind,
      Tensor,
      createSession: async (model, options) => {
        try {
          return await InferenceSession.create(model, { executionProviders: [provider], logSeverityLevel: 3, ...options });
        } catch (error) {
          if (NOT_STARTED.test(String(error))) await assertThere(wasm.default, here);
          throw error;
        }
      },
      gpu: async () => (kind === 'webgpu' ? await env.webgpu.device : undefined),
    };
  } catch (error) {
    throw deviceError(error, 'no-device');
  }
}
