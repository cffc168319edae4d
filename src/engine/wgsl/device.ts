import { VerseletError } from '../../errors.ts';

/** A GPU device of our own, with what is needed to use it. */
export interface Gpu {
  device: GPUDevice;
  /** e.g. 'apple m2'. */
  name: string;
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
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  if (largestBinding > Math.min(maxStorageBufferBindingSize, maxBufferSize)) {
    throw new VerseletError('no-device', 'The GPU cannot hold the largest matrix of this model in one piece.');
  }
  const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
  const { vendor, architecture, description } = adapter.info;
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'GPU';
  const lost = device.lost.then(({ message }) => {
    throw new VerseletError('device-lost', `The GPU was lost: ${message || 'no reason given'}.`);
  });
  lost.catch(() => {});
  return { device, name, lost };
}
