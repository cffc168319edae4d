/** Pages of others that get in the tag's way: patched built-ins, a policy without workers, no origin, no storage. */

import type { Page } from 'playwright/test';
import { expect, test } from './fixtures.ts';

interface Told {
  poem?: string;
  error?: { code: string; hint: string };
  thrown: string[];
}

/** A page around one tag that notes what the tag tells and what is thrown. */
const around = (site: string, head: string, attributes = 'form="couplets" lines="2" seed="5" autostart') => `<!doctype html><title>Elsewhere</title>
  <script>
    globalThis.told = { thrown: [] };
    addEventListener('error', (event) => told.thrown.push(event.message));
    addEventListener('unhandledrejection', (event) => told.thrown.push(String(event.reason)));
    document.addEventListener('verselet-poem', (event) => (told.poem = event.detail.text));
    document.addEventListener('verselet-error', (event) => (told.error = { code: event.detail.code, hint: event.detail.hint }));
  </script>${head}
  <script type="module" src="${site}embed/verselet.js"></script>
  <verselet-poem ${attributes}>A poem will be here.</verselet-poem>`;

async function ended(frame: Pick<Page, 'waitForFunction' | 'evaluate'>): Promise<Told> {
  await frame.waitForFunction(() => {
    const { told } = globalThis as unknown as { told?: Told };
    return told?.poem ?? told?.error;
  });
  return frame.evaluate(() => (globalThis as unknown as { told: Told }).told);
}

test('fault: a page with patched built-ins and keys on every object gets its poem', async ({ page, origins }) => {
  const patched = `<script>
    Object.prototype.polluted = 'x';
    Array.prototype.extra = function () {};
    String.prototype.at = () => { throw new Error('patched'); };
    window.name = 'x'.repeat(1e6);
  </script>`;
  origins.elsewhere.pages.set('/patched', { html: around(origins.site, patched) });
  await page.goto(`${origins.elsewhere.url}patched`);
  const told = await ended(page);
  expect(told.error).toBeUndefined();
  expect(told.poem).toMatch(/\S/);
});

test('fault: a policy without workers is no-device, and the hint names what it needs', async ({ page, origins }) => {
  const { origin } = new URL(origins.site);
  const policy = `default-src 'none'; script-src 'unsafe-inline' ${origin} 'wasm-unsafe-eval'; connect-src ${origin}; worker-src 'none'`;
  origins.elsewhere.pages.set('/no-workers', { html: around(origins.site, ''), headers: { 'Content-Security-Policy': policy } });
  await page.goto(`${origins.elsewhere.url}no-workers`);
  const told = await ended(page);
  expect(told).toMatchObject({ error: { code: 'no-device', hint: expect.stringContaining('worker-src blob:') }, thrown: [] });
});

test('fault: in a sandboxed frame without an origin or storage there is a poem or a typed error', async ({ page, origins }) => {
  origins.elsewhere.pages.set('/inner', { html: around(origins.site, '') });
  origins.elsewhere.pages.set('/sandbox', { html: '<!doctype html><title>Sandbox</title><iframe sandbox="allow-scripts" src="/inner"></iframe>' });
  await page.goto(`${origins.elsewhere.url}sandbox`);
  const frame = await page.waitForSelector('iframe').then((handle) => handle.contentFrame());
  const told = await ended(frame as unknown as Page);
  expect(told.thrown).toEqual([]);
  expect(told.poem ?? told.error?.hint).toMatch(/\S/);
});

test('fault: a megabyte in an attribute, and an element removed while it works, throw nothing', async ({ page, origins }) => {
  origins.elsewhere.pages.set('/busy', { html: around(origins.site, '', 'form="sonnet" seed="5" autostart') });
  await page.goto(`${origins.elsewhere.url}busy`);
  await page.waitForFunction(() => customElements.get('verselet-poem'));
  const told = await page.evaluate(async () => {
    const { told } = globalThis as unknown as { told: Told };
    const element = document.querySelector('verselet-poem')!;
    for (let round = 0; round < 5; round += 1) {
      element.remove();
      document.body.append(element);
    }
    element.remove();
    const other = document.createElement('verselet-poem');
    other.setAttribute('theme', 'x'.repeat(1e6));
    other.setAttribute('autostart', '');
    const refused = new Promise((resolve) => document.addEventListener('verselet-error', resolve, { once: true }));
    document.body.append(other);
    await refused;
    other.remove();
    return told;
  });
  expect(told).toMatchObject({ error: { code: 'bad-request' }, thrown: [] });
});
