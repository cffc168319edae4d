import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { Sha256, sha256Hex } from './sha256.ts';

describe('Sha256', () => {
  it('agrees with the platform for any bytes in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), async (pieces) => {
        const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
        const hash = new Sha256();
        for (const piece of pieces) hash.update(piece);
        const expected = createHash('sha256').update(whole).digest('hex');
        expect(hash.digest()).toBe(expected);
        expect(await sha256Hex(whole)).toBe(expected);
      }),
    );
  });

  it('pads at every length around a block', () => {
    for (let length = 0; length < 140; length += 1) {
      const bytes = new Uint8Array(length).fill(length);
      expect(new Sha256().update(bytes).digest()).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
  });
});
