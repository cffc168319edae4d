/** The few verbs of a key-value database that the model store needs: over IndexedDB, or in memory for one visit. */

import { createStore, delMany, getMany, keys, setMany } from 'idb-keyval';
import { VerseletError } from '../errors.ts';
import type { Clock } from './clock.ts';

export type Key = (string | number)[];

export interface KeyValue {
  /** Whether what is written is still there at the next visit. */
  readonly persistent: boolean;
  getMany(keys: Key[]): Promise<unknown[]>;
  /** All or nothing. @throws VerseletError `quota` when there is no room, `storage-blocked` for other failures. */
  setMany(entries: [Key, unknown][]): Promise<void>;
  delMany(keys: Key[]): Promise<void>;
  keys(): Promise<Key[]>;
}

/** Keeps everything in memory; gone with the worker, unless the caller keeps the object and says so with `persistent`. */
export function memoryKeyValue(persistent = false): KeyValue {
  const map = new Map<string, unknown>();
  const name = (key: Key): string => JSON.stringify(key);
  return {
    persistent,
    getMany: async (keys) => keys.map((key) => map.get(name(key))),
    setMany: async (entries) => entries.forEach(([key, value]) => map.set(name(key), value)),
    delMany: async (keys) => keys.forEach((key) => map.delete(name(key))),
    keys: async () => [...map.keys()].map((key) => JSON.parse(key) as Key),
  };
}

export const MODEL_DATABASE = 'verselet-models';
const OPEN_TIMEOUT_MS = 5000;

/**
 * IndexedDB through idb-keyval. Opened by its first verb.
 * @throws VerseletError (from the verbs) `storage-blocked` when the database cannot be opened within five seconds.
 */
export function indexedDbKeyValue(clock: Clock, database: string = MODEL_DATABASE): KeyValue {
  let store = createStore(database, 'files');
  const run = async <T>(verb: (custom: typeof store) => Promise<T>): Promise<T> => {
    try {
      try {
        return await verb(store);
      } catch (error) {
        // Browsers close connections under us (Safari often); a fresh one works. A full disk stays full.
        if (!isConnectionLoss(error)) throw error;
        store = createStore(database, 'files');
        return await verb(store);
      }
    } catch (error) {
      throw storageError(error);
    }
  };
  let opened: Promise<void> | undefined;
  const open = (): Promise<void> => {
    opened ??= timeLimited(
      clock,
      run((custom) => custom('readonly', () => undefined)),
    );
    opened.catch(() => (opened = undefined));
    return opened;
  };
  return {
    persistent: true,
    getMany: (list) => open().then(() => run((custom) => getMany<unknown>(list, custom))),
    setMany: (entries) => open().then(() => run((custom) => setMany(entries, custom))),
    delMany: (list) => open().then(() => run((custom) => delMany(list, custom))),
    // Never values() or entries(): on a store of weights they read everything into memory.
    keys: () => open().then(() => run((custom) => keys<Key>(custom))),
  };
}

/** A database that another tab holds in an upgrade never answers at all. */
function timeLimited(clock: Clock, opening: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(OPEN_TIMEOUT_MS, () => {
      reject(
        new VerseletError(
          'storage-blocked',
          `The browser's storage did not open within ${OPEN_TIMEOUT_MS / 1000} seconds.`,
        ),
      );
    });
    opening.then(resolve, reject).finally(cancel);
  });
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}

function isConnectionLoss(error: unknown): boolean {
  // UnknownError is what WebKit gives for "Connection to Indexed Database server lost".
  return ['InvalidStateError', 'TransactionInactiveError', 'UnknownError'].includes(nameOf(error));
}

function storageError(error: unknown): VerseletError {
  if (error instanceof VerseletError) return error;
  if (nameOf(error) === 'QuotaExceededError') {
    return new VerseletError('quota', 'The browser has no room left for this model.', { cause: error });
  }
  const detail = error instanceof Error && error.message !== '' ? ` (${error.message})` : '';
  return new VerseletError('storage-blocked', `The browser's storage does not work${detail}.`, { cause: error });
}
