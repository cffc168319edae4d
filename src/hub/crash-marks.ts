import { createStore, del, get, set } from 'idb-keyval';

/** Where the engine leaves its mark while a GPU loads a model; its own database, so that deleting models does not touch it. */
export function crashMarks(): { get(key: string): Promise<unknown>; set(key: string, value: unknown): Promise<void>; delete(key: string): Promise<void> } | undefined {
  if (typeof indexedDB === 'undefined') return undefined;
  const store = createStore('verselet-marks', 'marks');
  return { get: (key) => get(key, store), set: (key, value) => set(key, value, store), delete: (key) => del(key, store) };
}
