import { del, entries, get, set } from 'idb-keyval';
import { VerseletError } from '../errors.ts';
import type { Poem } from '../poetry/types.ts';
import { collectionChanged } from './changes.ts';
import { withStore } from './store.ts';

/** A poem that the reader keeps, with the changes made by hand in it. */
export interface KeptPoem {
  poem: Poem;
  favourite: boolean;
  /** ISO 8601. */
  keptAt: string;
}

export const SORTS = ['newest', 'oldest', 'title', 'emotion'] as const;
export type Sort = (typeof SORTS)[number];

const KIND = 'poem';

function keyOf(id: string): [string, string] {
  return [KIND, id];
}

/**
 * Keeps a poem, and reads it back before it says so.
 * @throws VerseletError `quota` or `storage-blocked`; what was kept before is intact.
 */
export async function keepPoem(entry: KeptPoem): Promise<void> {
  const key = keyOf(entry.poem.id);
  await withStore((store) => set(key, entry, store));
  collectionChanged();
  const back = await withStore((store) => get<KeptPoem>(key, store));
  if (back?.poem.text !== entry.poem.text || back.poem.title !== entry.poem.title) {
    throw new VerseletError('storage-blocked', 'The poem could not be read back after it was stored.', {
      hint: 'Copy the poem, or export it to a file.',
    });
  }
}

/** What a fault or another version left behind stays stored, and must not hide the rest. */
function isKeptPoem(value: unknown): value is KeptPoem {
  const { poem, keptAt } = (value ?? {}) as { poem?: Partial<Record<keyof Poem, unknown>>; keptAt?: unknown };
  const texts = [keptAt, poem?.id, poem?.title, poem?.text, poem?.emotion, poem?.form];
  return texts.every((text) => typeof text === 'string') && Array.isArray(poem?.stanzas) && typeof poem?.request === 'object' && poem.request !== null;
}

/** The kept poem with this id. @throws VerseletError `storage-blocked` */
export async function findPoem(id: string): Promise<KeptPoem | undefined> {
  const entry = await withStore((store) => get<unknown>(keyOf(id), store));
  return isKeptPoem(entry) ? entry : undefined;
}

/** Every kept poem, newest first. @throws VerseletError `storage-blocked` */
export async function listPoems(): Promise<KeptPoem[]> {
  const all = await withStore((store) => entries<IDBValidKey, unknown>(store));
  const poems = all.filter(([key]) => Array.isArray(key) && key[0] === KIND).map(([, value]) => value).filter(isKeptPoem);
  return arrange(poems, { sort: 'newest' });
}

/** Deletes a poem; to undo it, keep the entry again. @throws VerseletError `storage-blocked` */
export async function deletePoem(id: string): Promise<void> {
  await withStore((store) => del(keyOf(id), store));
  collectionChanged();
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

const ORDER: Record<Sort, (a: KeptPoem, b: KeptPoem) => number> = {
  newest: (a, b) => b.keptAt.localeCompare(a.keptAt),
  oldest: (a, b) => a.keptAt.localeCompare(b.keptAt),
  title: (a, b) => collator.compare(a.poem.title, b.poem.title) || ORDER.newest(a, b),
  emotion: (a, b) => a.poem.emotion.localeCompare(b.poem.emotion) || ORDER.newest(a, b),
};

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The poems that hold every word of `search` (in title, text, emotion, form or theme), in order. */
export function arrange(
  poems: readonly KeptPoem[],
  { search = '', sort = 'newest', favourites = false }: { search?: string; sort?: Sort; favourites?: boolean },
): KeptPoem[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  const holds = ({ poem }: KeptPoem) => {
    const all = fold([poem.title, poem.text, poem.emotion, poem.form, poem.request.theme ?? ''].join('\n'));
    return words.every((word) => all.includes(word));
  };
  return poems.filter((entry) => (!favourites || entry.favourite) && holds(entry)).sort(ORDER[sort]);
}
