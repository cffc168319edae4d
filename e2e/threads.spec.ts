import type { Page } from 'playwright/test';
import { expect, test } from './fixtures.ts';

interface Written {
  threads: number;
  why: string;
  cores: number;
  isolated: boolean;
  texts: string[];
}

/** Two poems one after the other, and what they were computed on. */
function write(page: Page, entry: string): Promise<Written> {
  return page.evaluate(async (entry) => {
    const { createComposer } = (await import(entry)) as typeof import('../src/embed.ts');
    const composer = await createComposer({ device: 'wasm' });
    const texts: string[] = [];
    for (const seed of [3, 4]) texts.push((await composer.compose({ emotion: 'joy', form: 'quatrains', lines: 4, seed })).text);
    const { threads, why } = composer.device;
    await composer.dispose();
    return { threads, why, cores: navigator.hardwareConcurrency, isolated: crossOriginIsolated, texts };
  }, entry);
}

test('an isolated page computes on several threads, one that is not on one, and both write the same poems', async ({ page, origins }) => {
  await page.goto(origins.site);
  const many = await write(page, `${origins.site}embed/verselet.js`);
  expect(many.isolated).toBe(true);
  expect(many.threads, many.why).toBe(Math.min(4, many.cores));
  await page.goto(origins.elsewhere.url);
  const one = await write(page, `${origins.site}embed/verselet.js`);
  expect([one.isolated, one.threads]).toEqual([false, 1]);
  expect(many.texts).toEqual(one.texts);
});

test('an isolated page of another origin, where no thread may start from our script, has one that says why', async ({ page, origins }) => {
  const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
  origins.elsewhere.pages.set('/isolated', { html: '<!doctype html><title>Isolated</title>', headers });
  await page.goto(`${origins.elsewhere.url}isolated`);
  const written = await write(page, `${origins.site}embed/verselet.js`);
  test.skip(written.cores < 2, 'One core has one thread anyway.');
  expect([written.isolated, written.threads]).toEqual([true, 1]);
  expect(written.why).toMatch(/One thread computes, because others could not be started/);
  expect(written.texts).toHaveLength(2);
});
