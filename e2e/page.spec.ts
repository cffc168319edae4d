import { appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { serve } from '../bin/serve.mjs';
import type { Poem } from '../src/index.ts';
import { expect, test } from './fixtures.ts';

const VIEWS = ['Compose', 'Collection', 'Models', 'About'] as const;

/** The next poem of the page, as the document hears of it. */
function nextPoem(page: Page): Promise<Poem> {
  return page.evaluate(
    () =>
      new Promise<Poem>((resolve, reject) => {
        document.addEventListener('verselet-poem', (event) => resolve(event.detail), { once: true });
        document.addEventListener('verselet-error', (event) => reject(new Error(event.detail.message)), { once: true });
      }),
  );
}

async function compose(page: Page): Promise<Poem> {
  const poem = nextPoem(page);
  await page.getByRole('button', { name: /^Compose/ }).click();
  return poem;
}

const lines = (page: Page) => page.locator('[part~="line"]');

test('one click from the page to a titled poem, with nothing moving while it is written', async ({ page, origins }) => {
  await page.goto(origins.site);
  await page.getByRole('radio', { name: 'sadness' }).check();
  await page.getByRole('radio', { name: 'quatrains' }).check();
  await page.evaluate(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) shifts.push(entry.value);
      }
    }).observe({ type: 'layout-shift' });
  });
  const poem = await compose(page);
  expect(await lines(page).allTextContents()).toEqual(poem.stanzas.flat());
  await expect(page.locator('[part~="title"]')).toHaveText(poem.title);
  await expect(page.getByText(/^Writ(es|ten) on your CPU, because WebGPU /)).toBeVisible();
  expect(poem).toMatchObject({ emotion: 'sadness', form: 'quatrains' });
  expect(await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts)).toEqual([]);
});

test('one model writes at a time, and either of the page’s own can be chosen', async ({ page, origins }) => {
  await page.goto(origins.site);
  await page.getByRole('link', { name: 'Models' }).click();
  const writing = page.getByRole('heading', { name: /writes now/ });
  await expect(writing).toHaveText(/^verse-small/);
  await page.getByRole('button', { name: 'Write with it: verse-nano' }).click();
  await page.getByRole('link', { name: 'Models' }).click();
  await expect(writing).toHaveText(/^verse-nano/);
  await page.getByRole('link', { name: 'Compose' }).click();
  expect((await compose(page)).model.id).toBe('verse-nano');
});

test('asks for at most 60 kB of scripts before a poem is asked for', async ({ page, origins }) => {
  const scripts: Promise<number>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.body().then((body) => gzipSync(body).length));
  });
  await page.goto(origins.site, { waitUntil: 'load' });
  await expect(page.getByRole('button', { name: 'Compose' })).toBeVisible();
  const sizes = await Promise.all(scripts);
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000);
});

test('stops where it is, and keeps what is finished', async ({ page, origins }) => {
  await page.goto(`${origins.site}?form=sonnet&compose=1&seed=5`);
  await lines(page).nth(1).waitFor();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^Compose/ })).toBeFocused();
  const kept = await lines(page).allTextContents();
  expect(kept.length).toBeGreaterThanOrEqual(2);
  await expect(page.getByText('Stopped. The finished lines stay.')).toBeVisible();
});

test('a keyboard alone composes, locks, replaces, keeps, copies, deletes and takes back', async ({ page, context, origins }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(origins.site);
  await page.getByRole('radio', { name: 'neutral' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: 'surprise' })).toBeChecked();
  const written = nextPoem(page);
  await page.keyboard.press('Enter');
  const poem = await written;
  const first = poem.stanzas[0]![0]!;

  await page.getByRole('group', { name: 'Line 1' }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('group', { name: 'Line 2' })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'Line 1, locked' })).toBeVisible();

  await page.getByRole('group', { name: 'Line 3' }).focus();
  for (const key of ['Tab', 'Tab', 'Enter']) await page.keyboard.press(key);
  const others = page.getByRole('group', { name: 'Other lines for this place' });
  await expect(others.getByRole('button').nth(1)).toBeVisible();
  const other = (await others.getByRole('button').first().textContent())!;
  await expect(others.getByRole('button').first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(lines(page).nth(2)).toHaveText(other);

  await page.getByRole('button', { name: 'Keep', exact: true }).press('Enter');
  await expect(page.getByRole('button', { name: 'Kept in the collection' })).toBeVisible();
  await page.getByRole('button', { name: 'Copy link' }).press('Enter');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('#poem=');

  await page.keyboard.press('Control+z');
  await expect(lines(page).nth(2)).toHaveText(poem.stanzas.flat()[2]!);

  const again = nextPoem(page);
  await page.getByRole('button', { name: 'Compose again' }).press('Enter');
  expect((await again).stanzas[0]![0]).toBe(first);

  await page.getByRole('link', { name: 'Collection' }).press('Enter');
  await page.getByRole('button', { name: `delete: ${poem.title}` }).press('Enter');
  await expect(page.getByText('No poem is kept yet.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: poem.title, exact: true }).press('Enter');
  await expect(lines(page).nth(2)).toHaveText(other);
});

test('a closed tab loses nothing, and a link shows its poem before any model', async ({ page, context, origins, requests }) => {
  await page.goto(`${origins.site}?form=haiku`);
  const poem = await compose(page);
  await page.close();
  const back = await context.newPage();
  await back.goto(origins.site);
  await expect(lines(back)).toHaveText(poem.stanzas.flat());
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await back.getByRole('button', { name: 'Copy link' }).click();
  const link = await back.evaluate(() => navigator.clipboard.readText());

  const other = await context.browser()!.newContext();
  const received = await other.newPage();
  requests.length = 0;
  other.on('request', (request) => requests.push(request));
  await received.goto(link);
  await expect(lines(received)).toHaveText(poem.stanzas.flat());
  await expect(received.locator('[part~="title"]')).toHaveText(poem.title);
  expect(requests.filter((request) => /composer\.worker|\/models\//.test(request.url()))).toEqual([]);
  const rewritten = await compose(received);
  expect([rewritten.title, rewritten.text]).toEqual([poem.title, poem.text]);
  await other.close();
});

test('the collection goes out to a file and comes back, each poem once', async ({ page, origins }) => {
  await page.goto(`${origins.site}?form=haiku`);
  await compose(page);
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await page.getByRole('link', { name: 'Collection' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export all (JSON)' }).click();
  const file = await (await download).path();
  const bring = async () => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Import a file' }).click();
    await (await chooser).setFiles({ name: 'poems.json', mimeType: 'application/json', buffer: await readFile(file) });
  };
  await bring();
  await expect(page.getByText('0 poems came in. 1 was here already.')).toBeVisible();
  await page.getByRole('button', { name: /^delete/ }).click();
  await bring();
  await expect(page.getByText('One poem came in.')).toBeVisible();
});

const SIZES = [{ width: 390, height: 844 }, { width: 1440, height: 900 }] as const;

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing on any view is out of reach: axe, ${colorScheme}, phone and desktop`, async ({ browser, origins }) => {
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${origins.site}?form=haiku&emotion=${colorScheme === 'dark' ? 'anger' : 'joy'}`);
    await compose(page);
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    for (const fold of ['Share', 'How was this made?', 'More', /^Model:/]) await page.getByText(fold, { exact: true }).first().click();
    for (const view of VIEWS) {
      await page.getByRole('navigation').getByRole('link', { name: view }).click();
      await expect(page.getByRole('heading', { level: 1, name: view })).toBeVisible();
      if (view === 'Models') await page.getByRole('heading', { name: 'Room on this device' }).waitFor();
      for (const size of SIZES) {
        await page.setViewportSize(size);
        const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
        expect.soft(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)]), `${view} at ${size.width}`).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect.soft(overflow, `${view} at ${size.width}`).toBeLessThanOrEqual(0);
      }
    }
    await context.close();
  });
}

test('works without a network from the second visit on, under a path, on a host that sends no headers', async ({ page, context }) => {
  const site = await serve('dist', { plain: true, base: '/poems/' });
  await page.goto(site.url);
  await compose(page);
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await page.waitForFunction(async () => (await (await caches.open('verselet-runtime-1')).keys()).length > 0);
  await page.close();
  site.server.closeAllConnections();
  await new Promise((done) => site.server.close(done));

  const offline = await context.newPage();
  await offline.goto(`${site.url}?emotion=joy`);
  expect(await offline.evaluate(() => crossOriginIsolated)).toBe(true);
  const poem = await compose(offline);
  await expect(lines(offline)).toHaveText(poem.stanzas.flat());
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await offline.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect.poll(() => offline.evaluate(() => navigator.clipboard.readText())).toBe(`${poem.title}\n\n${poem.text}`);
  await offline.getByRole('link', { name: 'Collection' }).click();
  await expect(offline.getByRole('listitem')).toHaveCount(1);
});

test('a new build waits until the poem is finished and the reader says so', async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), 'verselet-'));
  await cp('dist', folder, { recursive: true });
  const site = await serve(folder);
  await page.goto(`${site.url}?form=sonnet`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await appendFile(join(folder, 'service-worker.js'), '\n// another build');
  const poem = nextPoem(page);
  await page.getByRole('button', { name: /^Compose/ }).click();
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
  });
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).waiting !== null);
  const { stanzas, title } = await poem;
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Kept in the collection' })).toBeVisible();
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).waiting === null && document.querySelector('verselet-app')?.shadowRoot);
  await expect(lines(page)).toHaveText(stanzas.flat());
  await page.getByRole('link', { name: 'Collection' }).click();
  await expect(page.getByRole('button', { name: title, exact: true })).toBeVisible();
  site.server.closeAllConnections();
  site.server.close();
  await rm(folder, { recursive: true });
});
