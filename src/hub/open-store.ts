/** The store of this visit: IndexedDB, or memory when that does not work. */

import { VerseletError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { KeyValue } from './key-value.ts';
import { indexedDbKeyValue, memoryKeyValue } from './key-value.ts';
import { ModelStore } from './store.ts';

const SWEEP_AFTER_MS = 5000;

/**
 * Opens the models' database and sweeps what an interrupted visit left behind.
 * Without a working database the store is in memory and forgets: `notice` is told why (`storage-blocked`).
 */
export async function openModelStore(
  notice: (error: VerseletError) => void = () => {},
  clock: Clock = systemClock,
  kv?: KeyValue,
): Promise<ModelStore> {
  try {
    if (kv === undefined && (globalThis as { indexedDB?: IDBFactory }).indexedDB === undefined) {
      throw new VerseletError('storage-blocked', 'This browser gives no storage to the page.');
    }
    const store = new ModelStore(kv ?? indexedDbKeyValue(clock), clock);
    await store.probe();
    // Out of the way of the model that is wanted now. One that fails is tried again at the next visit.
    clock.after(SWEEP_AFTER_MS, () => void store.sweep().catch(() => undefined));
    return store;
  } catch (error) {
    notice(
      error instanceof VerseletError
        ? error
        : new VerseletError('storage-blocked', 'The storage does not open.', { cause: error }),
    );
    return new ModelStore(memoryKeyValue(), clock);
  }
}
