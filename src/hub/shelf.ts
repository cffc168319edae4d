/** What can be opened, what is kept on this device, and deleting it. */

import { type ModelIndex, parseIndex } from './card.ts';
import { HUB_CATALOG } from './catalog.ts';
import { systemClock } from './clock.ts';
import { readIndex } from './folder-model.ts';
import type { Net } from './http.ts';
import { openModelStore } from './open-store.ts';
import type { ModelStore } from './store.ts';
import type { CatalogEntry, KeptModel } from './types.ts';

/** Things that tests bring along. */
export interface ShelfOptions {
  store?: ModelStore;
  net?: Net;
}

/** Models to choose from and models on this device, the last used first. */
export interface Shelf {
  kept: KeptModel[];
  catalog: CatalogEntry[];
}

/**
 * The page's own models, the hub's worth naming, and what is kept. Never fails for want of a network or a store:
 * what cannot be read is missing from the lists.
 * @param base absolute URL of the folder that holds `models/`.
 */
export async function shelf(base: string, options: ShelfOptions = {}): Promise<Shelf> {
  const store = options.store ?? (await openModelStore());
  const net = options.net ?? { fetch: (input, init) => globalThis.fetch(input, init), clock: systemClock };
  const [kept, embedded] = await Promise.all([
    keptModels(store).catch(() => []),
    readIndex({ net, store }, base.endsWith('/') ? base : `${base}/`)
      .then((index) => embeddedEntries(parseIndex(index)))
      .catch(() => []),
  ]);
  return { kept, catalog: [...embedded, ...HUB_CATALOG] };
}

/** The default first. */
function embeddedEntries({ default: first, models }: ModelIndex): CatalogEntry[] {
  const entries = models.map(({ id, bytes, license }): CatalogEntry => {
    return { id, kind: 'embedded', ...(id === first && { isDefault: true }), bytes, keptBytes: bytes, license };
  });
  return entries.sort((a, b) => Number(b.isDefault ?? false) - Number(a.isDefault ?? false));
}

async function keptModels(store: ModelStore): Promise<KeptModel[]> {
  const entries = await store.list();
  return entries.map(({ manifest, lastUsed }) => ({
    id: manifest.id,
    revision: manifest.revision,
    bytes: manifest.files.reduce((sum, file) => sum + file.size, 0),
    license: manifest.license,
    source: manifest.hub === '' ? manifest.id : manifest.hub,
    lastUsed: new Date(lastUsed).toISOString(),
  }));
}

/** Deletes a kept model in all its precisions; files that another model shares stay. @throws VerseletError `storage-blocked`. */
export async function deleteKept(id: string, revision: string, options: ShelfOptions = {}): Promise<void> {
  const store = options.store ?? (await openModelStore());
  for (const { manifest } of await store.list()) {
    if (manifest.id === id && manifest.revision === revision) await store.remove(manifest);
  }
}

