/** One download of a file over all tabs, by Web Locks; without them every tab downloads for itself. */

import { throwIfAborted } from '../errors.ts';

/** The part of the Web Locks API that is used. */
export interface Locks {
  request<T>(name: string, options: { signal?: AbortSignal }, run: () => Promise<T>): Promise<T>;
}

/** The browser's locks, where it has them. */
export function browserLocks(): Locks | undefined {
  const { navigator } = globalThis as { navigator?: { locks?: Locks } };
  return navigator?.locks;
}

/**
 * Runs `work` while no other tab runs work of the same name. The lock ends with the tab that holds it, however it ends.
 * @throws VerseletError `aborted` while waiting; whatever `work` throws.
 */
export async function withLease<T>(
  locks: Locks | undefined,
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  if (locks === undefined) return work();
  let started = false;
  const run = (): Promise<T> => {
    started = true;
    return work();
  };
  try {
    return await locks.request(`verselet:${name}`, signal === undefined ? {} : { signal }, run);
  } catch (error) {
    if (started) throw error;
    throwIfAborted(signal);
    // Locks that refuse to work at all (opaque origins) must not stop the download.
    return work();
  }
}
