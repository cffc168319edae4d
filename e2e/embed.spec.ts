/** The tag and the function on pages of others, as the built site serves them. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Page } from 'playwright/test';
import type { VerseletPoem } from '../src/element/verselet-poem.ts';
import { composeIn, expect, poemOf, test } from './fixtures.ts';

const TAG = 'emotion="joy" form="haiku" seed="5"';

/** A page of another origin that loads the tag's script and collects what its elements tell. */
function pageWith(site: string, body: string): string {
  return `<!doctype html><html lang="en"><title>Elsewhere</title>
    <script type="module" src="${site}embed/verselet.js"></script>${body}</html>`;
}

/** Collects `verselet-*` events as `name:id`, from the page's first moment. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const told: string[] = [];
    Object.assign(globalThis, { told });
    for (const name of ['progress', 'line', 'poem', 'error']) {
      document.addEventListener(`verselet-${name}`, (event) => {
        const { code } = (event as CustomEvent<{ code?: string }>).detail;
        told.push([name, (event.target as Element).id, code].filter(Boolean).join(':'));
      });
    }
  });
  return () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
}

for (const [name, types] of [['', ''], [', and Trusted Types enforced', "; require-trusted-types-for 'script'; trusted-types lit-html verselet"]] as const) {
  test(`one tag under a policy that allows three things${name}`, async ({ page, origins }) => {
    const host = new URL(origins.site).origin;
    const policy = `default-src 'none'; script-src ${host} 'wasm-unsafe-eval'; connect-src ${host}; worker-src blob:${types}`;
    origins.elsewhere.pages.set('/strict', {
      html: pageWith(origins.site, `<verselet-poem ${TAG} autostart>A poem will be here.</verselet-poem>`),
      headers: { 'Content-Security-Policy': policy },
    });
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${origins.elsewhere.url}strict`);
    const element = page.locator('verselet-poem');
    await expect(element.locator('[part=title]')).toHaveText(/\S/, { timeout: 60_000 });
    await expect(element.locator('[part=line]')).toHaveCount(3);
    // The styles are there although the policy names none.
    expect(await element.locator('[part=line]').first().evaluate((line) => getComputedStyle(line).display)).toBe('block');
    expect(complaints).toEqual([]);
  });
}

test('ten elements: one worker, one download, poems in order; without them no worker', async ({ page, origins, requests }) => {
  const ids = Array.from({ length: 10 }, (_, index) => `e${index}`);
  const tags = ids.map((id, index) => `<verselet-poem id="${id}" form="couplets" lines="2" seed="${index + 1}" autostart></verselet-poem>`);
  origins.elsewhere.pages.set('/ten', { html: pageWith(origins.site, tags.join('')) });
  const told = await listen(page);
  let workers = 0;
  page.on('worker', () => (workers += 1));
  await page.goto(`${origins.elsewhere.url}ten`);
  await expect(page.locator('verselet-poem [part=title]')).toHaveCount(10, { timeout: 90_000 });
  expect((await told()).filter((event) => event.startsWith('poem:'))).toEqual(ids.map((id) => `poem:${id}`));
  expect(workers).toBe(1);
  const models = requests.map((request) => request.url()).filter((url) => /\.(safetensors|onnx)(\?|$)/.test(url));
  expect(new Set(models).size).toBe(models.length);
  expect(models).toHaveLength(1);
  const ended = page.workers()[0]!.waitForEvent('close', { timeout: 5_000 });
  await page.evaluate(() => document.querySelectorAll('verselet-poem').forEach((element) => element.remove()));
  await ended;
});

test('removal while the model loads ends the worker', async ({ page, origins }) => {
  origins.elsewhere.pages.set('/one', { html: pageWith(origins.site, `<verselet-poem ${TAG} autostart></verselet-poem>`) });
  const started = page.waitForEvent('worker');
  await page.goto(`${origins.elsewhere.url}one`);
  const ended = (await started).waitForEvent('close', { timeout: 5_000 });
  await page.evaluate(() => document.querySelector('verselet-poem')!.remove());
  await ended;
});

test('a second wish while the model loads replaces the first; a wrong one changes nothing', async ({ page, origins }) => {
  origins.elsewhere.pages.set('/wish', { html: pageWith(origins.site, `<verselet-poem id="p" ${TAG}>Soon.</verselet-poem>`) });
  const told = await listen(page);
  await page.goto(`${origins.elsewhere.url}wish`);
  const outcome = await page.evaluate(async () => {
    await customElements.whenDefined('verselet-poem');
    const element = document.querySelector('verselet-poem')!;
    const code = (error: { code: string }) => error.code;
    const first = element.compose().catch(code);
    element.setAttribute('form', 'couplets');
    element.lines = 2;
    const second = element.compose({ emotion: 'fear' });
    const wrong = [element.compose({ emotion: 'hapy' } as object), element.compose(null as never), element.compose([] as never)];
    const wrongs = await Promise.all(wrong.map((poem) => poem.catch(code)));
    return { first: await first, wrongs, second: await second, same: element.poem === (await second) };
  });
  expect(outcome).toMatchObject({
    first: 'aborted',
    wrongs: ['bad-request', 'bad-request', 'bad-request'],
    second: { form: 'couplets', emotion: 'fear', seed: 5 },
    same: true,
  });
  await expect(page.locator('[part=line]')).toHaveCount(2);
  await expect(page.locator('[part=title]')).toHaveText(/\S/);
  expect((await told()).filter((event) => event.startsWith('error'))).toEqual(
    expect.arrayContaining(['error:p:aborted', 'error:p:bad-request']),
  );
});

test('keyboard, a move within the page, two scripts, and the fallback', async ({ page, origins }) => {
  origins.elsewhere.pages.set('/bare', {
    html: `<!doctype html><html lang="de"><title>Bare</title><verselet-poem form="sonnet" seed="5"><span>Soon.</span></verselet-poem><main></main></html>`,
  });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${origins.elsewhere.url}bare`);
  await expect(page.getByText('Soon.')).toBeVisible();
  await page.evaluate((site) => Promise.all([1, 2].map((copy) => import(`${site}embed/verselet.js?copy=${copy}`))), origins.site);
  await expect(page.getByText('Soon.')).toBeHidden();
  await expect(page.locator('[part=poem]')).toHaveAttribute('lang', 'en');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Compose' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('[part=line]').first()).toHaveText(/\S/, { timeout: 60_000 });
  await page.evaluate(() => document.querySelector('main')!.append(document.querySelector('verselet-poem')!));
  await expect(page.locator('[part=line]').nth(1)).toHaveText(/\S/);
  await page.getByRole('button', { name: 'Stop' }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Compose' })).toBeFocused();
  await expect(page.getByRole('status')).toHaveText('Stopped.');
  expect(await page.locator('[part=line]').count()).toBeLessThan(14);
  expect(errors).toEqual([]);
});

for (const framework of ['plain', 'react', 'vue', 'svelte']) {
  test(`${framework}: properties, attributes, events`, async ({ page, origins }) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${origins.site}embed/${framework}.html`);
    await page.getByLabel('Emotion').selectOption('sadness');
    const element = page.locator('verselet-poem');
    await expect(element).toHaveAttribute('emotion', 'sadness');
    await expect(element).toHaveAttribute('seed', '7');
    await expect(element).toHaveAttribute('title-text', 'A Morning');
    await page.getByRole('button', { name: 'Write' }).click();
    const [lines, told] = [page.locator('output').first(), page.locator('output').last()];
    await expect(told).toHaveText('A Morning, seed 7, sadness', { timeout: 60_000 });
    await expect(lines).toHaveText('4');
    await expect(element.locator('[part=line]')).toHaveCount(4);
    const poem = await element.evaluate((tag) => (tag as VerseletPoem).poem);
    expect(poem).toMatchObject({ emotion: 'sadness', form: 'couplets', seed: 7, request: { lines: 4, title: 'A Morning' } });
    await page.getByRole('button', { name: 'Ask for too much' }).click();
    await expect(told).toHaveText(/^bad-request: .*emotion/);
    await expect(element.locator('[part=line]')).toHaveCount(4);
    expect(errors).toEqual([]);
  });
}

test('the bare engine: encode and decode, logits, greedy', async ({ page, origins }) => {
  await page.goto(origins.elsewhere.url);
  const found = await page.evaluate(async (entry) => {
    const { engine } = (await import(entry)) as typeof import('../src/embed.ts');
    const model = await engine.open({ device: 'wasm' });
    const ids = model.encode('The sea is calm');
    const logits = await model.logits(ids);
    const best = logits.reduce((top, value, id) => (value > logits[top]! ? id : top), 0);
    const greedy = await model.greedy(ids, 3);
    const code = (error: { code: string }) => error.code;
    const wrong = await Promise.all([model.logits([-1]).catch(code), model.greedy(ids, 0).catch(code)]);
    const { vocab } = model;
    await model.dispose();
    const after = await model.logits(ids).catch(code);
    return { text: model.decode(ids), length: logits.length, finite: logits.every(Number.isFinite), vocab, best, greedy, wrong, after };
  }, `${origins.site}embed/verselet.js`);
  expect(found).toMatchObject({ text: 'The sea is calm', finite: true, wrong: ['bad-request', 'bad-request'], after: 'aborted' });
  expect(found.length).toBe(found.vocab);
  expect(found.greedy).toHaveLength(3);
  expect(found.greedy[0]).toBe(found.best);
});

test('prosody answers at once, and from the whole dictionary after its first use', async ({ page, origins, requests }) => {
  await page.goto(origins.elsewhere.url);
  const dictionaries = () => requests.filter((request) => request.url().includes('dictionary')).length;
  const entry = `${origins.site}embed/verselet.js`;
  await page.evaluate((entry) => import(entry), entry);
  expect(dictionaries()).toBe(0);
  const answers = await page.evaluate(async (entry) => {
    const { poetry } = (await import(entry)) as typeof import('../src/embed.ts');
    const ask = () => ({
      rhymes: [poetry.rhymeOf('night', 'the light'), poetry.rhymeOf('love', 'move'), poetry.rhymeOf('sea', 'see')],
      syllables: poetry.syllables('An old silent pond'),
      scheme: poetry.schemeOf(['the night', 'the sea', 'a light', 'to me']),
      clean: poetry.cleanPunctuation('go!--and  stay ,now'),
      title: poetry.titleFor('The sea is calm.\nThe sea is near.'),
    });
    const first = ask();
    await poetry.ready();
    return { first, later: ask(), scan: poetry.scan('Shall I compare thee to a summer day') };
  }, entry);
  expect(answers.first).toEqual(answers.later);
  expect(answers.first).toMatchObject({ rhymes: ['perfect', expect.stringMatching(/near|none/), expect.stringMatching(/identical|perfect/)], syllables: 5, scheme: 'abab' });
  expect(answers.scan).toHaveLength(10);
  expect(dictionaries()).toBe(1);
});

test('a real poem and its request are what the published schemas say', async ({ page, origins }) => {
  await page.goto(origins.site);
  const poem = poemOf(await composeIn(page, { entry: `${origins.site}embed/verselet.js`, request: { form: 'limerick', emotion: 'joy', theme: 'a cat', seed: 2 } }));
  const [requestSchema, poemSchema] = await page.evaluate(
    () => Promise.all(['request', 'poem'].map(async (name) => (await fetch(`embed/${name}.schema.json`)).json() as Promise<object>)),
  );
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
  ajv.addSchema(requestSchema!);
  const isPoem = ajv.compile(poemSchema!);
  isPoem(poem);
  expect(isPoem.errors).toBeNull();
  expect(ajv.validate('request.schema.json', poem.request)).toBe(true);
  expect(isPoem({ ...poem, form: 'ode' })).toBe(false);
});
