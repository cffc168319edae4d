import { VerseletError } from '../../errors.ts';
import { readAdapter } from '../device.ts';

/** A GPU device of our own, with what is needed to use it. */
export interface Gpu {
  device: GPUDevice;
  /** e.g. 'apple m2'. */
  name: string;
  /** Whether a CPU computes. */
  software: boolean;
  /** Rejects with `device-lost` when the device goes; never resolves. */
  lost: Promise<never>;
}

/**
 * Asks for a device that can bind `largestBinding` bytes at once.
 * @throws VerseletError `no-device` when there is no adapter, or its limits are too low.
 */
export async function openGpu(largestBinding: number): Promise<Gpu> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new VerseletError('no-device', 'This browser offers no GPU adapter.');
  const { name, software, maxBindingSize, maxBufferSize } = readAdapter(adapter);
  if (largestBinding > Math.min(maxBindingSize, maxBufferSize)) {
    throw new VerseletError('no-device', 'The GPU cannot hold the largest matrix of this model in one piece.');
  }
  const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize: maxBindingSize, maxBufferSize } });
  const lost = device.lost.then(({ message }) => {
    throw new VerseletError('device-lost', `The GPU was lost: ${message || 'no reason given'}.`);
  });
  lost.catch(() => {});
  return { device, name, software, lost };
}

/**
 * Runs `make` and turns the GPU's own errors into ours.
 * @throws VerseletError `out-of-memory`, `no-device`.
 */
export async function guarded<T>(device: GPUDevice, make: () => T): Promise<T> {
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const made = make();
  const [memory, validation] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  if (memory) throw new VerseletError('out-of-memory', 'The GPU has too little memory for this model.');
  if (validation) throw new VerseletError('no-device', `The GPU refused our decoder: ${validation.message}`);
  return made;
}
