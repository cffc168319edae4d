import { get, set } from 'idb-keyval';
import { withStore } from './store.ts';

const KEY = 'draft';
const SCHEMA = 1;

/**
 * What was on the page when the tab closed. The library does not know what a page is: it keeps a value and gives it back
 * to whoever can read it.
 */
interface Draft {
  schema: typeof SCHEMA;
  value: unknown;
}

/** Keeps the page; never throws: a draft that cannot be kept is no reason to disturb. */
export async function saveDraft(value: unknown): Promise<boolean> {
  try {
    await withStore((store) => set(KEY, { schema: SCHEMA, value } satisfies Draft, store));
    return true;
  } catch {
    return false;
  }
}

/** The page of the last visit; undefined where there is none, or storage is blocked. */
export async function loadDraft(): Promise<unknown> {
  try {
    const draft = await withStore((store) => get<Draft>(KEY, store));
    return draft?.schema === SCHEMA ? draft.value : undefined;
  } catch {
    return undefined;
  }
}
