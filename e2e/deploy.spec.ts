/** A new build that takes files of the old one away while the page is open. */

import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../bin/serve.mjs';
import { expect, test } from './fixtures.ts';

/** Gives the page's entry and the collection's chunk other names, as another build would. */
async function deployAnother(folder: string): Promise<void> {
  const assets = join(folder, 'assets');
  const names = await readdir(assets);
  const renamed = new Map(names.filter((name) => /^(index|collection-view)-[\w-]{8}\.js$/.test(name)).map((name) => [name, name.replace(/-[\w-]{8}\.js$/, '-NewBuild.js')]));
  expect(renamed.size).toBe(2);
  for (const path of [join(folder, 'index.html'), ...names.filter((name) => name.endsWith('.js')).map((name) => join(assets, name))]) {
    let text = await readFile(path, 'utf8');
    for (const [from, to] of renamed) text = text.replaceAll(from, to);
    await writeFile(path, text);
  }
  for (const [from, to] of renamed) await rename(join(assets, from), join(assets, to));
}

test('fault: a part of the page that a new build took away is fetched anew by one reload, and the poem is still there', async ({ browser }) => {
  const folder = await mkdtemp(join(tmpdir(), 'verselet-'));
  await cp('dist', folder, { recursive: true });
  const site = await serve(folder);
  // The page's own worker would have kept the old files.
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.goto(`${site.url}?form=haiku`);
  await page.getByRole('button', { name: /^Compose/ }).click();
  await expect(page.locator('[part~="line"]')).toHaveCount(3);
  await expect(page.getByRole('button', { name: 'Keep', exact: true })).toBeVisible();
  const lines = await page.locator('[part~="line"]').allTextContents();
  await deployAnother(folder);
  await page.getByRole('link', { name: 'Collection' }).click();
  await expect(page.getByText('No poem is kept yet.')).toBeVisible();
  await page.getByRole('link', { name: 'Compose' }).click();
  await expect(page.locator('[part~="line"]')).toHaveText(lines);

  // With nothing to be had, one reload is all.
  await rm(join(folder, 'assets'), { recursive: true });
  let loads = 0;
  page.on('load', () => (loads += 1));
  await page.getByRole('link', { name: 'Models' }).click();
  await expect(page.getByRole('alert')).toHaveText(/could not be fetched/);
  expect(loads).toBe(0);
  await page.getByRole('link', { name: 'Compose' }).click();
  await expect(page.locator('[part~="line"]')).toHaveText(lines);
  await context.close();
  site.server.closeAllConnections();
  site.server.close();
  await rm(folder, { recursive: true });
});
