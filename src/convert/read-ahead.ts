import type { ByteSource } from './types.ts';

/** Bytes fetched at once where less was asked for: few requests, bounded memory. */
const WINDOW = 4 * 2 ** 20;
const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * A source that fetches ahead, for readers that go through a file from its beginning to its end in small steps.
 * It holds one window of bytes; what it reads may be views into it, never to be written to. A window that a reader
 * discarded is an empty one.
 */
export function readAhead(source: ByteSource, window = WINDOW): ByteSource {
  let held = EMPTY;
  let start = 0;
  return {
    size: source.size,
    fresh: source.fresh,
    async read(offset, length, signal) {
      const from = offset - start;
      if (from >= 0 && from + length <= held.length) return held.subarray(from, from + length);
      const kept = from >= 0 && from < held.length ? held.subarray(from) : EMPTY;
      const rest = offset + kept.length;
      const missing = length - kept.length;
      // Large reads follow each other without gaps: to fetch beyond them would only have every one copied together.
      const ahead = length * 2 < window ? Math.min(window, source.size - rest) : 0;
      const fresh = await source.read(rest, Math.max(missing, ahead), signal);
      [held, start] = [fresh, rest];
      if (kept.length === 0) return fresh.subarray(0, length);
      const out = new Uint8Array(length);
      out.set(kept);
      out.set(fresh.subarray(0, missing), kept.length);
      return out;
    },
  };
}
