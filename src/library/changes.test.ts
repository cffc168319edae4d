import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collectionChanged, watchCollection } from './changes.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a change of the collection', () => {
  it('is told at once; a thousand that follow closely are told once more, after the last', () => {
    let told = 0;
    const end = watchCollection(() => (told += 1));
    for (let change = 0; change < 1000; change += 1) collectionChanged();
    expect(told).toBe(1);
    vi.advanceTimersByTime(100);
    expect(told).toBe(2);
    vi.advanceTimersByTime(10_000);
    expect(told).toBe(2);
    collectionChanged();
    expect(told).toBe(3);
    end();
    vi.advanceTimersByTime(100);
    collectionChanged();
    expect(told).toBe(3);
    vi.advanceTimersByTime(100);
  });

  it('is told to other tabs and heard from them', async () => {
    const other = new BroadcastChannel('verselet-poems');
    const heard = new Promise((resolve) => other.addEventListener('message', resolve, { once: true }));
    const end = watchCollection(() => undefined);
    collectionChanged();
    await heard;
    end();
    const told = new Promise<void>((resolve) => watchCollection(resolve));
    other.postMessage(null);
    await told;
    other.close();
  });
});
