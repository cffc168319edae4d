/** What the page says and asks before it fetches a model of the hub. */

import { AxeBuilder } from '@axe-core/playwright';
import { HubServer } from './hub-server.ts';
import { expect, test } from './fixtures.ts';

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const CONFIG = { model_type: 'gpt2', n_layer: 1, n_head: 2, n_embd: 8, vocab_size: 300, n_positions: 64 };

test('asks before more than 20 MB travel, and fetches nothing without a yes', async ({ page, origins }) => {
  const hub = await new HubServer().start();
  const files = { 'config.json': json(CONFIG), 'tokenizer.json': json({ model: {} }) };
  hub.addRepo('org/large', { ...files, 'model.safetensors': new Uint8Array(21e6) }, { license: 'mit' });
  const sentence = /This fetches 21 MB once, packs the model into four bits here, and keeps .* on this device\. Licence: mit\./;
  await page.goto(`${origins.site}?hub=${encodeURIComponent(hub.url)}`);

  await page.getByText(/^Model:/).click();
  await page.locator('select[name="model"]').selectOption({ label: 'another GPT-2 from the hub…' });
  const typed = page.locator('input[name="model-id"]');
  await typed.fill('org/none');
  await typed.press('Tab');
  await expect(page.getByRole('status').filter({ hasText: 'org/none' })).toBeVisible();
  await typed.fill('org/large');
  await typed.press('Tab');
  await expect(page.getByRole('status').filter({ hasText: sentence })).toBeVisible();

  await page.getByRole('button', { name: /^Compose/ }).click();
  await expect(page.getByRole('alert').filter({ hasText: sentence })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.getByRole('button', { name: 'Not now' }).click();
  await expect(page.getByRole('button', { name: /^Compose/ })).toBeVisible();
  expect(hub.requests('model.safetensors')).toEqual([]);

  await page.getByRole('button', { name: /^Compose/ }).click();
  await page.getByRole('button', { name: 'Fetch it' }).click();
  await expect.poll(() => hub.requests('model.safetensors').length).toBeGreaterThan(0);
  // 21 MB of zeros are no model: the page says so.
  await expect(page.getByRole('alert').filter({ hasText: 'Try again' })).toBeVisible();
  await hub.stop();
});

test('a set asks for the model of the chosen feeling, and for no other', async ({ page, origins }) => {
  const hub = await new HubServer().start();
  const files = { 'config.json': json(CONFIG), 'tokenizer.json': json({ model: {} }), 'model.safetensors': new Uint8Array(21e6) };
  for (const emotion of ['joy', 'fear']) hub.addRepo(`prajwalcr/poetry-${emotion}_gpt2`, files);
  await page.goto(`${origins.site}?model=autocompose&hub=${encodeURIComponent(hub.url)}`);
  for (const emotion of ['joy', 'fear']) {
    await page.getByRole('radio', { name: emotion }).check();
    await page.getByRole('button', { name: /^Compose/ }).click();
    await expect(page.getByRole('alert').filter({ hasText: `prajwalcr/poetry-${emotion}_gpt2: This fetches 21 MB` })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: /^Compose/ })).toBeFocused();
  }
  expect(hub.requests('model.safetensors')).toEqual([]);
  await hub.stop();
});
