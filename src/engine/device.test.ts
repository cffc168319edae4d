import { describe, expect, it } from 'vitest';
import { currentScope, planDevices, probeDevices } from './device.ts';
import type { DeviceProbe, DeviceScope, GpuProbe, PlanOptions } from './device.ts';

const GPU: GpuProbe = { name: 'Acme X1', software: false, f16: true, maxBufferSize: 2 ** 30, maxBindingSize: 2 ** 27 };
const BOTH: DeviceProbe = { gpu: GPU, simd: true, threads: 2 };
const CPU: DeviceProbe = { gpuMissing: 'this browser offers no WebGPU', simd: true, threads: 2 };

function kinds(probe: DeviceProbe, options: PlanOptions): string[] {
  return planDevices(probe, options).map(({ kind }) => kind);
}

describe('planDevices', () => {
  it('prefers a real GPU and keeps the CPU as the next choice', () => {
    expect(kinds(BOTH, { wanted: 'auto' })).toEqual(['webgpu', 'wasm']);
    expect(kinds(BOTH, { wanted: 'wasm' })).toEqual(['wasm']);
    expect(kinds(BOTH, { wanted: 'webgpu' })).toEqual(['webgpu']);
    expect(planDevices(BOTH, { wanted: 'auto' })[0]).toMatchObject({ name: 'Acme X1', f16: true, threads: 1 });
  });

  it('says why the CPU computes', () => {
    const why = (probe: DeviceProbe, options: Partial<PlanOptions> = {}): string =>
      planDevices(probe, { wanted: 'auto', ...options })[0]!.why;
    const software = { ...BOTH, gpu: { ...GPU, software: true } };
    expect(why(CPU)).toBe('The CPU computes, because this browser offers no WebGPU.');
    expect(why(software)).toMatch(/software/);
    expect(why(BOTH, { crashed: true })).toMatch(/ended/);
    expect(why(BOTH, { avoid: [{ kind: 'webgpu', why: 'It was lost.' }] })).toMatch(/failed: It was lost\.$/);
    expect(why(BOTH, { modelBytes: 2 ** 31 })).toMatch(/larger/);
    expect(why(BOTH, { wanted: 'wasm' })).toMatch(/asked for/);
  });

  it('takes a software adapter, and one that crashed, when WebGPU is asked for', () => {
    const software = { ...BOTH, gpu: { ...GPU, software: true } };
    expect(kinds(software, { wanted: 'webgpu', crashed: true })).toEqual(['webgpu']);
  });

  it('refuses when nothing is left', () => {
    const refused = expect.objectContaining({ code: 'no-device' });
    const avoid = [{ kind: 'webgpu' as const, why: 'It was lost.' }];
    expect(() => planDevices(CPU, { wanted: 'webgpu' })).toThrowError(refused);
    expect(() => planDevices(BOTH, { wanted: 'webgpu', avoid })).toThrowError(/lost/);
    expect(() => planDevices({ ...CPU, simd: false }, { wanted: 'auto' })).toThrowError(/SIMD/);
  });
});

describe('probeDevices', () => {
  const scope: DeviceScope = { sharedMemory: true, simd: true, hardwareConcurrency: 16 };
  const adapter = (info: Partial<GPUAdapterInfo>, features: string[] = []): DeviceScope['gpu'] => ({
    requestAdapter: async () =>
      ({
        info: { vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: false, ...info },
        features: new Set(features),
        limits: { maxBufferSize: 1, maxStorageBufferBindingSize: 1 },
      }) as unknown as GPUAdapter,
  });

  it('reads the adapter', async () => {
    const metal = adapter({ vendor: 'apple', architecture: 'metal-3' }, ['shader-f16']);
    const apple = await probeDevices({ ...scope, gpu: metal });
    expect(apple).toMatchObject({ gpu: { name: 'apple metal-3', software: false, f16: true }, simd: true, threads: 4 });
    const swift = await probeDevices({ ...scope, gpu: adapter({ vendor: 'google', architecture: 'swiftshader' }) });
    expect(swift.gpu).toMatchObject({ software: true, f16: false });
    expect((await probeDevices({ ...scope, gpu: adapter({ isFallbackAdapter: true }) })).gpu?.software).toBe(true);
  });

  it('says why there is no adapter', async () => {
    expect((await probeDevices(scope)).gpuMissing).toMatch(/offers no WebGPU/);
    expect((await probeDevices({ ...scope, gpu: { requestAdapter: async () => null } })).gpuMissing).toMatch(/no GPU/);
    const blocked = { requestAdapter: () => Promise.reject(new Error('no')) };
    expect((await probeDevices({ ...scope, gpu: blocked })).gpuMissing).toMatch(/blocked/);
  });

  it('counts threads only with shared memory', async () => {
    expect((await probeDevices({ ...scope, sharedMemory: false })).threads).toBe(1);
    expect((await probeDevices({ ...scope, hardwareConcurrency: 2 })).threads).toBe(2);
    expect((await probeDevices({ ...scope, hardwareConcurrency: undefined })).threads).toBe(1);
  });

  it('sees SIMD where it is', () => {
    expect(currentScope().simd).toBe(true);
  });
});
