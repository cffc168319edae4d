import { describe, expect, it } from 'vitest';
import { VerseletError } from '../errors.ts';
import { deviceError } from './device-errors.ts';

describe('deviceError', () => {
  it.each([
    ['RangeError: Array buffer allocation failed', 'out-of-memory'],
    ['std::bad_alloc', 'out-of-memory'],
    ['Out of memory: failed to allocate a buffer', 'out-of-memory'],
    ['WebGPU device lost (2): Device was destroyed.', 'device-lost'],
    ['A valid external Instance reference no longer exists.', 'device-lost'],
    ['Could not find an implementation for Foo(1)', 'no-device'],
  ])('%s: %s', (message, code) => {
    const error = deviceError(new Error(message), 'no-device');
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('keeps what has a meaning already', () => {
    const known = new VerseletError('integrity', 'Other bytes.');
    expect(deviceError(known, 'no-device')).toBe(known);
    expect(deviceError(new DOMException('stop', 'AbortError'), 'no-device').code).toBe('aborted');
    // ONNX Runtime throws bare numbers: addresses of C++ exceptions.
    expect(deviceError(53412344, 'device-lost').code).toBe('device-lost');
  });
});
