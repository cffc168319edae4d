import type { Page } from 'playwright/test';
import { expect, test } from './fixtures.ts';

async function openPage(page: Page, url: string): Promise<void> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    for (const name of ['progress', 'line', 'poem', 'error']) document.addEventListener(`verselet-${name}`, () => seen.push(name));
  });
  await page.goto(url);
}

const seen = (page: Page) => page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);

test('the page writes a titled poem, line by line', async ({ page, origins }) => {
  await openPage(page, `${origins.site}?emotion=joy&form=quatrains&seed=3`);
  await page.getByRole('button', { name: /^Compose/ }).click();
  await expect(page.locator('[part=line]')).toHaveCount(8, { timeout: 60_000 });
  await expect(page.getByRole('button', { name: /^Compose/ })).toBeVisible();
  await expect(page.locator('[part=title]')).toHaveText(/\S/);
  const events = await seen(page);
  expect(events.filter((name) => name === 'line')).toHaveLength(8);
  expect(events.at(-1)).toBe('poem');
  expect(events).toContain('progress');
});

test('nine emotions are a radio group that arrow keys walk', async ({ page, origins }) => {
  await page.goto(origins.site);
  for (const name of ['joy', 'trust', 'fear', 'surprise', 'sadness', 'disgust', 'anger', 'anticipation', 'neutral']) {
    await expect(page.getByRole('radio', { name })).toBeVisible();
  }
  await page.getByRole('radio', { name: 'joy' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: 'trust' })).toBeFocused();
  await expect(page.getByRole('radio', { name: 'trust' })).toBeChecked();
});

test('stop is where compose was, and finished lines stay', async ({ page, origins }) => {
  await openPage(page, `${origins.site}?form=villanelle&seed=9`);
  await page.getByRole('button', { name: /^Compose/ }).click();
  await expect(page.locator('[part=line]').nth(1)).toHaveText(/\S/, { timeout: 60_000 });
  await page.getByRole('button', { name: /^Stop/ }).click();
  await expect(page.getByRole('button', { name: /^Compose/ })).toBeVisible();
  await expect(page.locator('[part=line]').nth(1)).toHaveText(/\S/);
});

test('a link composes what it asks for', async ({ page, origins }) => {
  const url = `${origins.site}?emotion=fear&form=haiku&seed=5&compose=1`;
  await page.goto(url);
  await expect(page.locator('[part=line]')).toHaveCount(3, { timeout: 60_000 });
  await expect(page.locator('[part=title]')).toHaveText(/\S/);
  const first = await page.locator('[part=line]').allTextContents();
  await page.goto('about:blank');
  await page.goto(url);
  await expect(page.locator('[part=title]')).toHaveText(/\S/, { timeout: 60_000 });
  expect(await page.locator('[part=line]').allTextContents()).toEqual(first);
});

test('the views are links in the navigation', async ({ page, origins }) => {
  await page.goto(origins.site);
  const links = page.getByRole('navigation').getByRole('link');
  expect(await links.count()).toBeGreaterThanOrEqual(4);
  for (const link of await links.all()) {
    await link.click();
    await expect(link).toHaveAttribute('aria-current', 'page');
    const main = page.getByRole('main');
    await expect(main.getByRole('heading').or(main.getByRole('radio')).first()).toBeVisible();
  }
});

test('a wrong parameter is told in words, and the page works', async ({ page, origins }) => {
  await openPage(page, `${origins.site}?emotion=hapy&form=ode&seed=-1`);
  await page.getByRole('button', { name: /^Compose/ }).click();
  await expect(page.locator('[part=title]')).toHaveText(/\S/, { timeout: 60_000 });
});
