import type { ByteSource } from './types.ts';
import { VerseletError } from '../errors.ts';

/** A {@link ByteSource} over bytes in memory; what it reads are views. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.length) throw unsupported('The file ends too early.');
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** `bytes` where they are aligned to `unit` bytes, else a copy that is. */
export function aligned(bytes: Uint8Array, unit: number): Uint8Array {
  // Not `slice`: that of Node's Buffer copies nothing.
  return bytes.byteOffset % unit === 0 ? bytes : new Uint8Array(bytes);
}

/** 16-bit elements of little-endian `bytes`; a view where their place allows it. */
export function asUint16(bytes: Uint8Array): Uint16Array {
  const from = aligned(bytes, 2);
  return new Uint16Array(from.buffer, from.byteOffset, from.length >> 1);
}

/** 32-bit floats of little-endian `bytes`; a view where their place allows it. */
export function asFloat32(bytes: Uint8Array): Float32Array {
  const from = aligned(bytes, 4);
  return new Float32Array(from.buffer, from.byteOffset, from.length >> 2);
}

/**
 * Hands the memory under `view` back at once, where the view is all of it and the runtime can: half a gigabyte passes
 * through while a garbage collector waits for a quiet moment.
 */
export function discard(view: ArrayBufferView): void {
  const buffer = view.buffer as ArrayBuffer & { transfer?(length: number): ArrayBuffer };
  if (view.byteLength === buffer.byteLength) buffer.transfer?.(0);
}

/** The bytes under a typed array. */
export function asBytes(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The error of every file that is no GPT-2, or a damaged one. */
export function unsupported(message: string, cause?: unknown): VerseletError {
  return new VerseletError('unsupported-model', message, cause === undefined ? {} : { cause });
}
