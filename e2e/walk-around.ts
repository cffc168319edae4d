/** Steps of the random walk around the poem: the collection, models, tabs, the network, and what each must do. */

import { expect } from './fixtures.ts';
import { HUB_MODEL, SHIPPED, type Walk, newestFirst, same, viewOf, went } from './walk-model.ts';
import { poll, type Walker, type Words } from './walk-page.ts';

export async function remove(walk: Walk, walker: Walker, words: Words, pick: number): Promise<boolean> {
  const list = newestFirst(walk);
  if (!list.length) return false;
  const index = pick % list.length;
  await walker.page.locator('verselet-collection li').nth(index).getByRole('button', { name: new RegExp(`^${words.delete}`) }).click();
  await expect(walker.page.locator('verselet-collection .undo')).toBeVisible();
  walk.deleted = list[index];
  walk.kept.delete(list[index]!.id);
  return true;
}

export async function undelete(walk: Walk, walker: Walker, words: Words): Promise<boolean> {
  // On another view in the meantime, the collection has forgotten it.
  if (!walk.deleted) return false;
  await walker.press(words.undo);
  await expect(walker.page.locator('verselet-collection [role="status"]')).toHaveText(words.restored);
  walk.kept.set(walk.deleted.id, walk.deleted);
  walk.deleted = undefined;
  return true;
}

export async function favour(walk: Walk, walker: Walker, words: Words, pick: number): Promise<boolean> {
  const list = newestFirst(walk);
  if (!list.length) return false;
  const entry = list[pick % list.length]!;
  await walker.page.locator('verselet-collection li').nth(pick % list.length).getByRole('button', { name: new RegExp(`^(${words.favourite}|${words.makeFavourite})`) }).click();
  walk.kept.set(entry.id, { ...entry, favourite: !entry.favourite });
  await poll(async () => (await walker.stored()).find(({ id }) => id === entry.id)?.favourite).toBe(!entry.favourite);
  return true;
}

export async function exportAll(walk: Walk, walker: Walker, words: Words): Promise<boolean> {
  if (!walk.kept.size) return false;
  const download = walker.page.waitForEvent('download');
  await walker.press(words.exportJson);
  const chunks: Buffer[] = [];
  for await (const piece of await (await download).createReadStream()) chunks.push(piece as Buffer);
  walk.exported = { json: Buffer.concat(chunks), entries: [...walk.kept.values()] };
  return true;
}

export async function importAll(walk: Walk, walker: Walker, words: Words): Promise<boolean> {
  if (!walk.exported) return false;
  const { json, entries } = walk.exported;
  const have = [...walk.kept.values()];
  const fresh = entries.filter((entry) => !have.some((other) => other.id === entry.id || (other.title === entry.title && same(other.lines, entry.lines))));
  const chooser = walker.page.waitForEvent('filechooser');
  await walker.press(words.importFile);
  await (await chooser).setFiles({ name: 'poems.json', mimeType: 'application/json', buffer: json });
  await expect(walker.page.locator('verselet-collection [role="status"]')).toHaveText(words.imported(fresh.length, entries.length - fresh.length, 0));
  for (const entry of fresh) walk.kept.set(entry.id, entry);
  return true;
}

export async function openKept(walk: Walk, walker: Walker, pick: number): Promise<boolean> {
  const list = newestFirst(walk);
  if (!list.length) return false;
  const entry = list[pick % list.length]!;
  await walker.page.locator('verselet-collection li .open').nth(pick % list.length).click();
  went(walk, 'compose');
  await poll(async () => (await walker.seen()).lines).toEqual(entry.lines);
  return true;
}

/** The page after a reload is the page before it, once that was stored. */
export async function reload(walk: Walk, walker: Walker): Promise<void> {
  const { lines, title } = await walker.seen();
  const draft = () =>
    walker.page.evaluate(async () => {
      const app = document.querySelector('verselet-app')!.shadowRoot!.querySelector('verselet-compose-view') as unknown as { state: { page?: unknown } };
      const stored = await new Promise<{ value?: unknown } | undefined>((resolve) => {
        const request = indexedDB.open('verselet-poems');
        request.onupgradeneeded = () => request.transaction?.abort();
        request.onerror = () => resolve(undefined);
        request.onsuccess = () => {
          const get = request.result.transaction('keyval').objectStore('keyval').get('draft');
          get.onsuccess = () => (request.result.close(), resolve(get.result as { value?: unknown } | undefined));
        };
      });
      return JSON.stringify((stored?.value as { lines?: unknown } | undefined)?.lines ?? null) === JSON.stringify((app.state.page as { lines?: unknown } | undefined)?.lines ?? null);
    });
  if (lines.length) await poll(draft, { message: 'the draft is the page' }).toBe(true);
  await walker.page.reload();
  await walker.page.locator('verselet-compose-form .write').waitFor({ state: 'attached' });
  walk.model = SHIPPED;
  walk.deleted = undefined;
  if (!lines.length) return;
  await poll(async () => (await walker.seen()).lines, { message: 'the page of before' }).toEqual(lines);
  expect((await walker.seen()).title).toBe(title);
}

export async function setLanguage(walk: Walk, walker: Walker, lang: 'en' | 'es'): Promise<void> {
  await walker.page.locator('verselet-about select[name="language"]').selectOption(lang);
  walk.lang = lang;
  await poll(async () => (await walker.seen()).lang).toBe(lang);
}

export async function chooseModel(walk: Walk, walker: Walker, model: string): Promise<void> {
  const picker = walker.page.locator('verselet-model-picker');
  if (!(await picker.locator('details[open]').count())) await picker.locator('summary').click();
  await expect(picker.locator('option')).not.toHaveCount(2);
  await picker.locator('select').selectOption(model);
  walk.model = model;
}

/** A second tab keeps, deletes or writes, and goes; the first one knows of it. */
export async function secondTab(walk: Walk, walker: Walker, words: Words, what: 'delete' | 'keep'): Promise<boolean> {
  if (what === 'delete' && !walk.kept.size) return false;
  const tab = await walker.newTab();
  try {
    if (what === 'delete') {
      await walker.show('collection', words, tab);
      await tab.locator('verselet-collection li').first().getByRole('button', { name: new RegExp(`^${words.delete}`) }).click();
      await expect(tab.locator('verselet-collection .undo')).toBeVisible();
      walk.kept.delete(newestFirst(walk)[0]!.id);
      return true;
    }
    const before = await walker.stored();
    const { kept, lines } = await walker.seen(tab);
    if (kept !== false || !lines.length) return false;
    await walker.press(words.keepPoem, tab);
    await poll(async () => (await walker.seen(tab)).kept).toBe(true);
    const stored = await walker.stored();
    expect(stored.length - before.length).toBeLessThanOrEqual(1);
    walk.kept = new Map(stored.map((entry) => [entry.id, entry]));
    return true;
  } finally {
    await tab.close();
  }
}

/** The hub's model: fetched to its end, paused and gone on with, given up, or in two tabs at once. */
export async function fetchModel(walk: Walk, walker: Walker, words: Words, how: 'whole' | 'pause' | 'cancel' | 'decline'): Promise<boolean> {
  const { page, hub } = walker;
  const ask = page.getByRole('button', { name: `${words.downloadModel}: ${HUB_MODEL}`, exact: true });
  if (walk.models.has(HUB_MODEL) || walk.offline) return false;
  await ask.click();
  if (how === 'decline') {
    await walker.press(words.notNow);
    return true;
  }
  if (how !== 'whole') hub.inject({ kind: 'stall', on: 'cdn', match: '.safetensors', at: 0.5 });
  await walker.press(words.fetchNow);
  if (how !== 'whole') {
    await hub.stalled();
    await walker.press(how === 'pause' ? words.pause : words.cancel);
  }
  if (how === 'cancel') {
    await poll(async () => (await walker.seen()).downloads).toBe(0);
    return true;
  }
  if (how === 'pause') await walker.press(words.resume);
  await expect(page.getByRole('button', { name: `${words.delete}: ${HUB_MODEL}`, exact: true })).toBeVisible({ timeout: 60_000 });
  await poll(async () => (await walker.seen()).downloads).toBe(0);
  walk.models.add(HUB_MODEL);
  return true;
}

export async function deleteModel(walk: Walk, walker: Walker, words: Words): Promise<boolean> {
  const button = walker.page.getByRole('button', { name: `${words.delete}: ${HUB_MODEL}`, exact: true });
  await expect(walker.page.getByRole('heading', { name: words.roomHeading })).toBeVisible();
  if (!(await button.count())) return false;
  await button.click();
  await expect(button).toHaveCount(0);
  walk.models.delete(HUB_MODEL);
  return true;
}

/** Only once the page's own worker has what it needs without a network. */
export async function setOffline(walk: Walk, walker: Walker, offline: boolean): Promise<void> {
  if (offline) {
    await walker.page.waitForFunction(async (site) => {
      const wanted = ['data/end-words.json', 'data/pronunciations.bin', 'data/copy-guard.bin', 'models/index.json', 'models/verse-small/tokenizer.json', 'models/verse-nano/tokenizer.json'];
      const found = await Promise.all(wanted.map((path) => caches.match(new URL(path, site).href)));
      return navigator.serviceWorker.controller !== null && found.every(Boolean);
    }, walker.site);
  }
  await walker.context.setOffline(offline);
  walk.offline = offline;
}

export async function travel(walk: Walk, walker: Walker, by: 1 | -1): Promise<void> {
  await walker.page.evaluate((by) => history.go(by), by);
  if (walk.trail[walk.at + by] !== viewOf(walk)) walk.deleted = undefined;
  walk.at += by;
  await poll(async () => (await walker.seen()).view).toBe(viewOf(walk));
}
