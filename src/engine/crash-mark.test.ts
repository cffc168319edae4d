import { describe, expect, it } from 'vitest';
import { CrashMark } from './crash-mark.ts';
import type { KeyValue } from './crash-mark.ts';

const MINUTE = 60_000;

function memory(): KeyValue {
  const values = new Map<string, unknown>();
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  };
}

describe('CrashMark', () => {
  it('is found until it is cleared, for the same adapter', async () => {
    const mark = new CrashMark(memory(), () => 0);
    expect(await mark.found('A')).toBe(false);
    await mark.set('A');
    expect(await mark.found('A')).toBe(true);
    expect(await mark.found('B')).toBe(false);
    await mark.clear();
    expect(await mark.found('A')).toBe(false);
  });

  it('is believed for minutes, and for days when it came twice', async () => {
    const store = memory();
    const at = (minutes: number): CrashMark => new CrashMark(store, () => minutes * MINUTE);
    await at(0).set('A');
    expect(await at(9).found('A')).toBe(true);
    expect(await at(11).found('A')).toBe(false);
    await at(11).set('A');
    expect(await at(600).found('A')).toBe(true);
    expect(await at(8 * 24 * 60).found('A')).toBe(false);
  });

  it('does without storage, and with storage that fails or holds rubbish', async () => {
    const broken: KeyValue = {
      get: () => Promise.reject(new Error('blocked')),
      set: () => Promise.reject(new Error('blocked')),
      delete: () => Promise.reject(new Error('blocked')),
    };
    const insecure = (): never => {
      throw new Error('insecure');
    };
    const throwing: KeyValue = { get: insecure, set: insecure, delete: insecure };
    const rubbish = memory();
    await rubbish.set('gpu-load', { gpu: 5 });
    for (const store of [undefined, broken, throwing, rubbish]) {
      const mark = new CrashMark(store);
      expect(await mark.found('A')).toBe(false);
      await mark.set('A');
      await mark.clear();
    }
  });
});
