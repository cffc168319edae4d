/** Debian's Firefox through WebDriver BiDi, where it is installed: the page opens, composes on the CPU and keeps a poem. */

import { existsSync } from 'node:fs';
import { type Browser, type Page, launch } from 'puppeteer-core';
import { expect, test } from './fixtures.ts';

const FIREFOX = process.env.FIREFOX ?? ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => existsSync(path));

test.skip(FIREFOX === undefined, 'Firefox is not installed here, so its run is left out: apt-get install firefox-esr brings it.');

let browser: Browser;
test.beforeAll(async () => {
  browser = await launch({ browser: 'firefox', executablePath: FIREFOX!, headless: true });
});
test.afterAll(() => browser.close());

/** Clicks the first `button` or `a` whose text begins with `text`, through shadow roots; false where there is none yet. */
const click = (page: Page, tag: 'a' | 'button', text: string): Promise<unknown> =>
  page.waitForFunction(
    (tag, text) => {
      const all = (root: Document | ShadowRoot): Element[] =>
        [...root.querySelectorAll('*')].flatMap((element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])]);
      const target = all(document).find((element) => element.matches(tag) && element.textContent?.trim().startsWith(text));
      (target as HTMLElement | undefined)?.click();
      return target !== undefined;
    },
    { timeout: 30_000 },
    tag,
    text,
  );

test('Firefox opens the page, composes on WASM, and keeps the poem', async ({ origins }) => {
  const page = await browser.newPage();
  await page.goto(`${origins.site}?form=couplets&lines=4&seed=4`);
  await page.evaluate(() => {
    document.addEventListener('verselet-poem', (event) => Object.assign(globalThis, { written: event.detail }), { once: true });
  });
  await click(page, 'button', 'Compose');
  await page.waitForFunction(() => 'written' in globalThis, { timeout: 60_000 });
  const poem = await page.evaluate(() => (globalThis as unknown as { written: import('../src/index.ts').Poem }).written);
  expect(poem).toMatchObject({ device: 'wasm', seed: 4 });
  expect(poem.stanzas.flat()).toHaveLength(4);
  await click(page, 'button', 'Keep');
  await page.waitForFunction(
    () => new Promise<boolean>((resolve) => {
      const request = indexedDB.open('verselet-poems');
      request.onupgradeneeded = () => request.transaction?.abort();
      request.onerror = () => resolve(false);
      request.onsuccess = () => {
        const count = request.result.transaction('keyval').objectStore('keyval').getAllKeys();
        count.onsuccess = () => resolve(count.result.some((key) => Array.isArray(key) && key[0] === 'poem'));
        count.onerror = () => resolve(false);
      };
    }),
    { timeout: 30_000 },
  );
  await page.reload();
  await click(page, 'a', 'Collection');
  await page.waitForFunction((title) => document.querySelector('verselet-app')?.shadowRoot?.querySelector('verselet-collection')?.shadowRoot?.textContent?.includes(title) === true, { timeout: 30_000 }, poem.title);
  await page.close();
});

test('Firefox says the same tokens as the card', async ({ origins }) => {
  const page = await browser.newPage();
  await page.goto(origins.site);
  const said = await page.evaluate(async (site) => {
    const card = (await (await fetch(`${site}models/verse-nano/verselet.json`)).json()) as { selfTest: { prompt: number[]; tokens: number[] } };
    const { engine } = (await import(`${site}embed/verselet.js`)) as typeof import('../src/embed.ts');
    const model = await engine.open({ device: 'wasm' });
    const { prompt, tokens } = card.selfTest;
    const own = await model.greedy(prompt, tokens.length);
    await model.dispose();
    return { own, tokens };
  }, origins.site);
  expect(said.own).toEqual(said.tokens);
  await page.close();
});
