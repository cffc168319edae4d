import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Arena } from './arena.ts';

it('never gives out the same bytes twice, and uses released ones again', () => {
  const operation = fc.record({ bytes: fc.integer({ min: 1, max: 3000 }), release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const arena = new Arena();
      const held: { start: number; bytes: number }[] = [];
      for (const { bytes, release } of operations) {
        if (release && held.length > 0) {
          const block = held.splice(bytes % held.length, 1)[0]!;
          arena.release(block.start, block.bytes);
          continue;
        }
        const start = arena.allocate(bytes);
        expect(start % 64).toBe(0);
        expect(start + bytes).toBeLessThanOrEqual(arena.bytes);
        for (const other of held) {
          expect(start + bytes <= other.start || other.start + other.bytes <= start).toBe(true);
        }
        held.push({ start, bytes });
      }
      const end = arena.bytes;
      for (const { start, bytes } of held) arena.release(start, bytes);
      if (end > 70_000) arena.allocate(60_000);
      expect(arena.bytes).toBe(end);
    }),
  );
});

it('says out-of-memory beyond 4 GiB and stays usable', () => {
  const arena = new Arena();
  expect(() => arena.allocate(2 ** 32)).toThrowError(expect.objectContaining({ code: 'out-of-memory' }));
  arena.floats(arena.allocate(64), 16).fill(1);
});
