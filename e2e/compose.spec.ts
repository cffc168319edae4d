import type { Page } from 'playwright/test';
import type { PoemRequest } from '../src/index.ts';
import { composeIn, expect, poemOf, test } from './fixtures.ts';

const EMOTIONS = ['anger', 'anticipation', 'disgust', 'fear', 'joy', 'sadness', 'surprise', 'trust', 'neutral'] as const;

/** What AutoCompose's clean-up looked for, and special or plan tokens. */
const ODD_PUNCTUATION = /,-|--|[.!][,;:]|(^|\s)[:;,.](\s|$)|\s[,.;:!?]|_\w+_|<\||\|>/;

/** One composer for many requests, as a page has it. */
function composeAll(page: Page, entry: string, requests: readonly PoemRequest[]) {
  return page.evaluate(
    async ({ entry, requests }) => {
      const { createComposer } = (await import(entry)) as typeof import('../src/embed.ts');
      const composer = await createComposer({ device: 'wasm' });
      const written = await Promise.all(
        requests.map(async (request) => {
          const lines: string[] = [];
          const poem = await composer.compose(request, { onLine: (line) => lines.push(line.text) });
          return { poem, lines };
        }),
      );
      await composer.dispose();
      return written;
    },
    { entry, requests },
  );
}

test('nine emotions by five seeds, each a titled poem through the public API from another origin', async ({ page, origins }) => {
  test.setTimeout(300_000);
  await page.goto(origins.elsewhere.url);
  const wanted = EMOTIONS.flatMap((emotion) => [1, 2, 3, 4, 5].map((n) => ({ emotion, seed: 100 * n + emotion.length })));
  const written = await composeAll(page, `${origins.site}embed/verselet.js`, wanted);
  expect(new Set(written.map(({ poem }) => poem.text)).size).toBe(wanted.length);
  for (const [index, { poem, lines: told }] of written.entries()) {
    const lines = poem.stanzas.flat();
    expect(lines.length).toBeGreaterThanOrEqual(4);
    expect(told).toEqual(lines);
    expect(poem.title.trim().split(/\s+/).length).toBeLessThanOrEqual(8);
    expect(poem.title).toMatch(/\S/);
    expect(poem.text).toBe(poem.stanzas.map((stanza) => stanza.join('\n')).join('\n\n'));
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(90);
      expect(line).not.toMatch(ODD_PUNCTUATION);
    }
    expect(poem).toMatchObject({ ...wanted[index], device: 'wasm', form: 'free' });
    expect(new Date(poem.createdAt).toISOString()).toBe(poem.createdAt);
  }
});

test('the same seed gives the same poem, another seed another', async ({ page, origins }) => {
  await page.goto(origins.site);
  const entry = `${origins.site}embed/verselet.js`;
  const poem = async (seed: number) => poemOf(await composeIn(page, { entry, device: 'wasm', request: { emotion: 'joy', form: 'couplets', lines: 4, seed } }));
  const [one, again, other] = [await poem(11), await poem(11), await poem(12)];
  expect([again.title, again.text]).toEqual([one.title, one.text]);
  expect(other.text).not.toBe(one.text);
  const [fromRequest] = await composeAll(page, entry, [one.request]);
  expect(fromRequest!.poem.text).toBe(one.text);
});

test('no request leaves the origin with the embedded model', async ({ page, origins, requests }) => {
  await page.goto(origins.site);
  poemOf(await composeIn(page, { entry: `${origins.site}embed/verselet.js`, request: { lines: 4, seed: 3 } }));
  const outside = requests.map((request) => request.url()).filter((url) => !url.startsWith(origins.site) && !url.startsWith('blob:') && !url.startsWith('data:'));
  expect(outside).toEqual([]);
});

test('a second visit asks for no model bytes', async ({ page, origins, requests }) => {
  await page.goto(origins.site);
  const call = { entry: `${origins.site}embed/verselet.js`, device: 'wasm' as const, request: { lines: 4, seed: 3 } };
  poemOf(await composeIn(page, call));
  expect(requests.some((request) => request.url().endsWith('.safetensors'))).toBe(true);
  requests.length = 0;
  await page.reload();
  poemOf(await composeIn(page, call));
  expect(requests.filter((request) => /\.(safetensors|onnx)(\?|$)/.test(request.url())).map((request) => request.url())).toEqual([]);
});

const BAD: readonly { call: Omit<Parameters<typeof composeIn>[1], 'entry'>; code: string; names?: RegExp }[] = [
  { call: { request: { emotion: 'hapy' as 'joy' } }, code: 'bad-request', names: /emotion/ },
  { call: { request: { lines: -1 } }, code: 'bad-request', names: /lines/ },
  { call: { request: { form: 'ode' as 'haiku' } }, code: 'bad-request', names: /form/ },
  { call: { request: { theme: 'x'.repeat(100_000) } }, code: 'bad-request', names: /theme/ },
  { call: { request: { theme: 'a\uD800b' } }, code: 'bad-request', names: /theme/ },
  { call: { request: { them: 'sea' } as object }, code: 'bad-request', names: /them/ },
  { call: { model: '../../etc' }, code: 'bad-request', names: /model/ },
  { call: { hub: 'nowhere' }, code: 'bad-request', names: /hub/ },
  { call: { device: 'tpu' as 'wasm' }, code: 'bad-request', names: /device/ },
  { call: { model: 'no-such-model' }, code: 'model-not-found' },
];

test('bad input is a typed error, and the page still works', async ({ page, origins }) => {
  await page.goto(origins.site);
  const entry = `${origins.site}embed/verselet.js`;
  for (const { call, code, names } of BAD) {
    const outcome = await composeIn(page, { entry, ...call });
    expect(outcome, JSON.stringify(call).slice(0, 80)).toMatchObject({ error: { code } });
    if (names && 'error' in outcome) expect(outcome.error.message).toMatch(names);
    if ('error' in outcome) expect(outcome.error.hint).not.toBe('');
  }
  poemOf(await composeIn(page, { entry, request: { lines: 2, seed: 1 } }));
});

test('the tag writes a poem on a page of another origin', async ({ page, origins }) => {
  origins.elsewhere.pages.set('/tag', {
    html: `<!doctype html><title>Tag</title><script type="module" src="${origins.site}embed/verselet.js"></script>
      <verselet-poem emotion="joy" form="couplets" lines="4" seed="5" autostart>A poem will be here.</verselet-poem>`,
  });
  await page.goto(`${origins.elsewhere.url}tag`);
  const element = page.locator('verselet-poem');
  await expect(element.locator('[part=title]')).toHaveText(/\S/, { timeout: 60_000 });
  await expect(element.locator('[part=line]')).toHaveCount(4);
});

test('an abort rejects with aborted and leaves the composer usable', async ({ page, origins }) => {
  await page.goto(origins.site);
  const result = await page.evaluate(async (entry) => {
    const { createComposer } = (await import(entry)) as typeof import('../src/embed.ts');
    const composer = await createComposer({ device: 'wasm' });
    const controller = new AbortController();
    const given: string[] = [];
    const stopped = await composer
      .compose({ form: 'sonnet', seed: 1 }, { signal: controller.signal, onLine: (line) => (given.push(line.text), controller.abort()) })
      .catch((error: { code: string }) => error.code);
    const poem = await composer.compose({ lines: 2, seed: 1 });
    await composer.dispose();
    return { stopped, given: given.length, lines: poem.stanzas.flat().length };
  }, `${origins.site}embed/verselet.js`);
  expect(result).toEqual({ stopped: 'aborted', given: expect.any(Number), lines: 2 });
  expect(result.given).toBeGreaterThanOrEqual(1);
});
