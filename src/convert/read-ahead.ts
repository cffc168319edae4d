import type { ByteSource } from './types.ts';

/** Bytes fetched at once where less was asked for: few requests, bounded memory. */
const WINDOW = 8 * 2 ** 20;

/**
 * A source that fetches ahead, for readers that go through a file from its beginning to its end in small steps.
 * It holds one window of bytes; what it reads are views into windows, never to be written to.
 */
export function readAhead(source: ByteSource, window = WINDOW): ByteSource {
  let held: Uint8Array = new Uint8Array(0);
  let start = 0;
  return {
    size: source.size,
    async read(offset, length, signal) {
      const from = offset - start;
      if (from >= 0 && from + length <= held.length) return held.subarray(from, from + length);
      const kept = from >= 0 && from < held.length ? held.subarray(from) : held.subarray(0, 0);
      const rest = offset + kept.length;
      const wanted = Math.max(length - kept.length, Math.min(window, source.size - rest));
      const fresh = await source.read(rest, wanted, signal);
      held = kept.length === 0 ? fresh : join(kept, fresh);
      start = offset;
      return held.subarray(0, length);
    },
  };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
