import { expect, test } from 'vitest';
import { array, assert, asyncProperty, integer, tuple } from 'fast-check';
import { readAhead } from './read-ahead.ts';
import type { ByteSource } from './types.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 251);

/** A source that counts, and whose bytes the reader may detach. */
function counted(): ByteSource & { requests: [number, number][] } {
  const requests: [number, number][] = [];
  return {
    size: bytes.length,
    fresh: true,
    requests,
    async read(offset, length) {
      requests.push([offset, length]);
      return bytes.slice(offset, offset + length);
    },
  };
}

test('whatever is read in whatever order, the bytes are the file’s', async () => {
  const place = tuple(integer({ min: 0, max: 999 }), integer({ min: 0, max: 200 }));
  await assert(
    asyncProperty(array(place), async (places) => {
      const source = readAhead(counted(), 64);
      for (const [offset, wanted] of places) {
        const length = Math.min(wanted, bytes.length - offset);
        expect(await source.read(offset, length)).toEqual(bytes.slice(offset, offset + length));
      }
    }),
  );
});

test('small steps cost few requests, and no byte is asked for twice', async () => {
  const source = counted();
  const ahead = readAhead(source, 100);
  for (let at = 0; at < 1000; at += 10) await ahead.read(at, 10);
  for (const [offset, length] of [[0, 500], [500, 500]] as const) await ahead.read(offset, length);
  expect(source.requests.slice(0, 10).map(([offset]) => offset)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  expect(source.requests).toHaveLength(12);
});

test('a window whose memory was handed back is fetched again', async () => {
  const source = readAhead(counted(), 100);
  const whole = await source.read(0, 100);
  structuredClone(whole.buffer, { transfer: [whole.buffer] });
  expect(await source.read(50, 20)).toEqual(bytes.slice(50, 70));
  const large = await source.read(100, 300);
  structuredClone(large.buffer, { transfer: [large.buffer] });
  expect(await source.read(400, 300)).toEqual(bytes.slice(400, 700));
});
