/** Who runs in which race. */
import type { Entry } from './speed.ts';

export const NAMES = {
  q8: 'transformers.js generate(), q8 (its default)',
  fp32: 'transformers.js generate(), fp32',
  q4: 'transformers.js generate(), q4',
  fp16: 'transformers.js generate(), fp16',
  q4f16: 'transformers.js generate(), q4f16',
  bareQ8: 'ONNX Runtime session alone, q8',
  bareFp32: 'ONNX Runtime session alone, fp32',
  llamaF32: 'wllama, F32',
  llamaQ8: 'wllama, Q8_0',
  own: 'Verselet, batch 1',
  own8: 'Verselet, batch 8',
  ownThreads: 'Verselet, batch 1, threads',
  own8Threads: 'Verselet, batch 8, threads',
  ownBare: 'Verselet backend alone, batch 1',
  sampled: 'Verselet, batch 1, top-k 50, top-p 0.95',
  sampledBare: 'Verselet backend alone, the same tokens',
} as const;

export interface Addresses {
  models: string;
  runtime: string;
}

export function addressesOf(server: string): Addresses {
  return { models: `${server}bench/models/`, runtime: `${server}bench/runtime/` };
}

function own(place: { models: string; model: string; device: 'wasm' | 'webgpu' }, batch: number): Entry['spec'] {
  return { program: 'own', options: { ...place, batch } };
}

/** All contenders on WASM with one model; `context` is wllama's. */
export function wasmEntries({ models, runtime }: Addresses, model: string, context: number): Entry[] {
  const place = { models, model, device: 'wasm' } as const;
  const llama = { ...place, wasm: `${runtime}wllama.wasm`, context };
  return [
    { name: NAMES.q8, bare: NAMES.bareQ8, spec: { program: 'transformers', options: { ...place, runtime } } },
    { name: NAMES.fp32, bare: NAMES.bareFp32, spec: { program: 'transformers', options: { ...place, runtime, dtype: 'fp32' } } },
    { name: NAMES.llamaF32, spec: { program: 'wllama', options: { ...llama, precision: 'F32' } } },
    { name: NAMES.llamaQ8, spec: { program: 'wllama', options: { ...llama, precision: 'Q8_0' } } },
    { name: NAMES.own, spec: own(place, 1) },
    { name: NAMES.own8, spec: own(place, 8) },
  ];
}

/** One thread against `threads`, at batch 1 and 8; on a page that is isolated. */
export function threadEntries({ models }: Addresses, model: string, threads: number): Entry[] {
  const place = { models, model, device: 'wasm' } as const;
  return [
    { name: NAMES.own, spec: own(place, 1) },
    { name: NAMES.own8, spec: own(place, 8) },
    { name: NAMES.ownThreads, spec: { program: 'own', options: { ...place, batch: 1, threads } } },
    { name: NAMES.own8Threads, spec: { program: 'own', options: { ...place, batch: 8, threads } } },
  ];
}

/** Our decode loop against its backend alone, greedy and sampled. */
export function overheadEntries({ models }: Addresses): Entry[] {
  const place = { models, model: 'embedded', device: 'wasm', batch: 1 } as const;
  const sampling = { topK: 50, topP: 0.95 };
  return [
    { name: NAMES.own, bare: NAMES.ownBare, spec: { program: 'own', options: place } },
    { name: NAMES.sampled, bare: NAMES.sampledBare, spec: { program: 'own', options: { ...place, sampling } } },
  ];
}

/** Software GPUs are slow: the embedded model only. `half`: the adapter has half precision. */
export function webgpuEntries({ models, runtime }: Addresses, half = false): Entry[] {
  const place = { models, model: 'embedded', device: 'webgpu' } as const;
  const dtypes = half ? (['fp32', 'q4', 'fp16', 'q4f16'] as const) : (['fp32', 'q4'] as const);
  return [
    ...dtypes.map((dtype): Entry => ({ name: NAMES[dtype], spec: { program: 'transformers', options: { ...place, runtime, dtype } } })),
    { name: NAMES.own, spec: own(place, 1) },
    { name: NAMES.own8, spec: own(place, 8) },
  ];
}
