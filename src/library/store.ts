import { type UseStore, createStore } from 'idb-keyval';
import { VerseletError } from '../errors.ts';

/** Poems have a database of their own: deleting models can never touch them. */
const DATABASE = 'verselet-poems';
const OPEN_TIMEOUT_MS = 5_000;

let store: UseStore | undefined;

/** The database did not even open: blocked by the browser's settings, or by another tab. */
function blocked(cause?: unknown): VerseletError {
  return new VerseletError('storage-blocked', 'The browser does not let this page keep poems.', {
    hint: 'Copy or export what you want to keep, and allow this site to store data.',
    cause,
  });
}

function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(blocked()), OPEN_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function isClosedConnection(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError';
}

function asStorageError(error: unknown): VerseletError {
  if (error instanceof VerseletError) return error;
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return new VerseletError('quota', 'There is no room left for poems on this device.', { cause: error });
  }
  return blocked(error);
}

/**
 * Runs `use` on the poems' database; a connection that the browser closed is opened again, once.
 * @throws VerseletError `storage-blocked` or `quota`.
 */
export async function withStore<T>(use: (store: UseStore) => Promise<T>): Promise<T> {
  try {
    store ??= createStore(DATABASE, 'keyval');
    try {
      return await withTimeout(use(store));
    } catch (error) {
      if (!isClosedConnection(error)) throw error;
      store = createStore(DATABASE, 'keyval');
      return await withTimeout(use(store));
    }
  } catch (error) {
    store = undefined;
    throw asStorageError(error);
  }
}
