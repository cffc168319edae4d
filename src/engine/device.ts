/** What this browser can compute on, and which of it to try first. */

import { VerseletError } from '../errors.ts';
import type { DeviceKind } from './types.ts';

export interface GpuProbe {
  name: string;
  /** The adapter is a program on the CPU: correct, and slower than our own CPU code. */
  software: boolean;
  /** `shader-f16`: half precision in shaders. */
  f16: boolean;
  /** Bytes of the largest buffer and of the largest part of one that a shader sees. */
  maxBufferSize: number;
  maxBindingSize: number;
}

export interface DeviceProbe {
  gpu?: GpuProbe;
  /** Why there is no `gpu`, as the end of a sentence. */
  gpuMissing?: string;
  simd: boolean;
  /** Threads that WebAssembly may use; 1 without SharedArrayBuffer. */
  threads: number;
}

export interface DevicePlan {
  kind: DeviceKind;
  /** The adapter's name, or 'CPU'. */
  name: string;
  threads: number;
  f16: boolean;
  /** One sentence: why this device. */
  why: string;
}

export interface PlanOptions {
  wanted: 'auto' | DeviceKind;
  /** Devices that failed before, with the reason. */
  avoid?: readonly { kind: DeviceKind; why: string }[];
  /** The page ended while this adapter was loading a model. */
  crashed?: boolean;
  /** Of the weights; 0 when unknown. */
  modelBytes?: number;
}

/** The parts of `navigator` and the global scope that are looked at. */
export interface DeviceScope {
  gpu?: { requestAdapter(options?: GPURequestAdapterOptions): Promise<GPUAdapter | null> };
  hardwareConcurrency?: number;
  sharedMemory: boolean;
  simd: boolean;
}

/** An adapter that takes longer than this to answer never will: some drivers leave the request open, ms. */
const ADAPTER_TIMEOUT = 5000;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|software|\bwarp\b/i;

/** A module whose only function uses a SIMD instruction. */
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

/** The scope that this code runs in: a worker or Node. */
export function currentScope(): DeviceScope {
  const { navigator } = globalThis as { navigator?: Navigator };
  return {
    gpu: navigator?.gpu,
    hardwareConcurrency: navigator?.hardwareConcurrency,
    // Isolation is no proof: some browsers are isolated and still have no shared memory.
    sharedMemory: typeof SharedArrayBuffer === 'function' && globalThis.crossOriginIsolated === true,
    simd: typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_MODULE),
  };
}

function adapterName({ vendor, architecture, description }: GPUAdapterInfo): string {
  return description || [vendor, architecture].filter(Boolean).join(' ') || 'GPU';
}

/** What an adapter tells of itself. */
export function readAdapter(adapter: GPUAdapter): GpuProbe {
  const { info, limits, features } = adapter;
  const old = adapter as GPUAdapter & { isFallbackAdapter?: boolean };
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return {
    name: adapterName(info),
    software: info.isFallbackAdapter === true || old.isFallbackAdapter === true || SOFTWARE.test(words),
    f16: features.has('shader-f16'),
    maxBufferSize: limits.maxBufferSize,
    maxBindingSize: limits.maxStorageBufferBindingSize,
  };
}

async function probeGpu(gpu: DeviceScope['gpu']): Promise<Pick<DeviceProbe, 'gpu' | 'gpuMissing'>> {
  if (!gpu) return { gpuMissing: 'this browser offers no WebGPU' };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ADAPTER_TIMEOUT, 'late');
  });
  try {
    const adapter = await Promise.race([gpu.requestAdapter({ powerPreference: 'high-performance' }), late]);
    if (adapter === 'late') return { gpuMissing: 'the GPU did not answer' };
    if (!adapter) return { gpuMissing: 'WebGPU found no GPU here' };
    return { gpu: readAdapter(adapter) };
  } catch {
    return { gpuMissing: 'WebGPU is blocked here' };
  } finally {
    clearTimeout(timer);
  }
}

/** Asks the browser; takes a few milliseconds, at most five seconds. */
export async function probeDevices(scope: DeviceScope = currentScope()): Promise<DeviceProbe> {
  const cores = scope.hardwareConcurrency ?? 1;
  // More share too little work to be worth their meetings.
  const threads = scope.sharedMemory ? Math.max(1, Math.min(4, cores)) : 1;
  return { ...(await probeGpu(scope.gpu)), simd: scope.simd, threads };
}

/** Why the GPU is not used, as the end of a sentence; undefined when it is. */
function refusal(probe: DeviceProbe, options: PlanOptions): string | undefined {
  const { wanted, avoid = [], crashed = false, modelBytes = 0 } = options;
  if (wanted === 'wasm') return 'it was asked for';
  if (!probe.gpu) return probe.gpuMissing ?? 'there is no GPU';
  const failed = avoid.find(({ kind }) => kind === 'webgpu');
  if (failed) return `the GPU failed: ${failed.why.replace(/[.\s]+$/, '')}`;
  if (modelBytes > probe.gpu.maxBufferSize) return 'the model is larger than this GPU allows';
  if (wanted === 'webgpu') return undefined;
  if (probe.gpu.software) return 'the only WebGPU device here is a software one, which is slower';
  if (crashed) return 'the page ended the last time that the GPU loaded a model';
  return undefined;
}

/**
 * The devices to try, best first, one in each worker. `auto` takes a real GPU, else the CPU; a software adapter only
 * computes when WebGPU is asked for.
 * @throws VerseletError `no-device` when there is none.
 */
export function planDevices(probe: DeviceProbe, options: PlanOptions): DevicePlan[] {
  const plans: DevicePlan[] = [];
  const reason = refusal(probe, options);
  if (reason === undefined && probe.gpu) {
    const { name, f16 } = probe.gpu;
    const precision = f16 ? 'half precision' : 'single precision only';
    const why = options.wanted === 'webgpu' ? 'WebGPU was asked for' : 'A GPU is the fastest device here';
    plans.push({ kind: 'webgpu', name, threads: 1, f16, why: `${why}; it offers ${precision}.` });
  }
  if (options.wanted !== 'webgpu' && probe.simd) {
    const why = reason === undefined ? 'The CPU is the next choice.' : `The CPU computes, because ${reason}.`;
    plans.push({ kind: 'wasm', name: 'CPU', threads: probe.threads, f16: false, why });
  }
  if (plans.length === 0) {
    const gpuOnly = options.wanted === 'webgpu';
    const missing = gpuOnly ? `WebGPU cannot be used, because ${reason}.` : 'WebAssembly SIMD is missing.';
    const hint = gpuOnly ? 'Choose the CPU, or a browser with WebGPU.' : undefined;
    throw new VerseletError('no-device', `No device can run the model: ${missing}`, { hint });
  }
  return plans;
}
