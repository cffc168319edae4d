/** Hostile text, addresses, links and files in the built page: nothing executes, nothing hangs, the policy has nothing to report. */

import { writeFile } from 'node:fs/promises';
import type { Page } from 'playwright/test';
import { composeIn, expect, test } from './fixtures.ts';

const MARKUP = '<img src=x onerror="pwned=1"><script>pwned=1</script><svg onload=pwned=1></style><b>bold</b>{{7*7}}${pwned=1}';
const ODD: Record<string, string> = {
  markup: MARKUP,
  'a javascript address': 'javascript:pwned=1',
  'control characters and NUL': 'a\u0000b\u0007\u001b[31mc\u0085d',
  'direction overrides': '\u202eabc\u2066def\u202c',
  'a flood of emoji': '👩‍👩‍👧‍👦🏳️‍🌈'.repeat(12),
  'combining marks': `z${'\u0301'.repeat(150)}`,
  'tokens of the model': '<|endoftext|><|title|><|line|> <|s20|>',
  'only spaces': '   \t \u00a0 ',
  'keys of objects': '__proto__ constructor toString',
};

interface Watched {
  pwned: unknown;
  violations: string[];
  errors: string[];
  /** Longest gap between two frames, ms. */
  gap: number;
}

/** Notes what must not happen, from before the page's first script on. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen = { pwned: undefined, violations: [] as string[], errors: [] as string[], gap: 0 };
    Object.assign(globalThis, { seen });
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
      seen.violations.push(`${violatedDirective} ${blockedURI} ${sourceFile}`);
    });
    addEventListener('error', ({ message }) => seen.errors.push(message));
    addEventListener('unhandledrejection', ({ reason }) => seen.errors.push(String(reason)));
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.gap = Math.max(seen.gap, duration);
    }).observe({ type: 'longtask' });
  });
}

const watched = (page: Page): Promise<Watched> =>
  page.evaluate(() => {
    const { seen, pwned } = globalThis as unknown as { seen: Watched; pwned: unknown };
    const result = { ...seen, pwned };
    seen.gap = 0;
    return result;
  });

function expectUnharmed({ pwned, violations, errors }: Watched): void {
  expect({ pwned, violations, errors }).toEqual({ pwned: undefined, violations: [], errors: [] });
}

const lines = (page: Page) => page.locator('[part~="line"]');
const finished = (page: Page) =>
  page.evaluate(
    () => new Promise<string>((resolve) => {
      document.addEventListener('verselet-poem', (event) => resolve(event.detail.title), { once: true });
      document.addEventListener('verselet-error', (event) => resolve(event.detail.message), { once: true });
    }),
  );

test('fault: hostile text in every field of the API is a poem or bad-request, and never hangs the page', async ({ page, origins }) => {
  await watch(page);
  await page.goto(origins.site);
  const entry = `${origins.site}embed/verselet.js`;
  for (const [name, text] of Object.entries(ODD)) {
    // One poem has all of it; with each text in the others a poem is refused before any model is asked.
    const request = { form: 'couplets', lines: 2, candidates: 1, seed: 1, theme: text, title: text } as const;
    const outcome = await composeIn(page, { entry, device: 'wasm', request });
    if ('error' in outcome) expect(outcome.error, name).toMatchObject({ code: 'bad-request', message: expect.stringMatching(/theme|title/) });
    else {
      expect(outcome.poem.text, name).not.toMatch(/<\||\|>|(?!\n)\p{Cc}|[\u202a-\u202e]/u);
      expect(outcome.poem.title, name).not.toMatch(/\p{Surrogate}/u);
    }
  }
  const { gap: usual } = await watched(page);
  for (const field of ['theme', 'title', 'firstLine', 'acrostic']) {
    const outcome = await composeIn(page, { entry, device: 'wasm', request: { [field]: `${MARKUP}x`.repeat(10_000) } });
    expect(outcome, field).toMatchObject({ error: { code: 'bad-request', message: expect.stringContaining(field) } });
  }
  for (const lone of ['\ud800', 'a\udc00b']) {
    expect(await composeIn(page, { entry, device: 'wasm', request: { theme: lone } })).toMatchObject({ error: { code: 'bad-request' } });
  }
  const seen = await watched(page);
  expect(seen.gap).toBeLessThan(200 + usual);
  expectUnharmed(seen);
});

test('fault: hostile addresses and links show text and run nothing; a poem is composed and kept without one report of the policy', async ({ page, origins, requests }) => {
  await watch(page);
  const query = new URLSearchParams({ theme: MARKUP.slice(0, 100), title: '<script>pwned=1</script>', emotion: '"><script>', form: 'couplets', lines: '2', seed: '1e3', device: 'tpu' });
  await page.goto(`${origins.site}?${query}&__proto__[x]=1&constructor=1`);
  expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content')).toContain("require-trusted-types-for 'script'");
  const done = finished(page);
  await page.getByRole('button', { name: /^Compose/ }).click();
  await done;
  await expect(lines(page).first()).toHaveText(/\S/);
  await expect(page.locator('[part~="title"]')).toHaveText(/pwned/);
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await page.getByRole('link', { name: 'Collection' }).click();
  await expect(page.getByRole('listitem')).toHaveCount(1);
  expectUnharmed(await watched(page));

  const poem = [1, MARKUP.slice(0, 150), [`${MARKUP.slice(0, 150)}\n\u202ereversed`], 'joy', 'free'];
  const code = Buffer.from(JSON.stringify(poem)).toString('base64url');
  await page.goto('about:blank');
  await page.goto(`${origins.site}#poem=${code}`);
  await expect(lines(page)).toHaveText([MARKUP.slice(0, 150), 'reversed']);
  expect(await page.locator('verselet-app img[src="x"], verselet-app script, verselet-app b').count()).toBe(0);
  expectUnharmed(await watched(page));

  for (const odd of [`?theme=${'x'.repeat(7000)}`, '#poem=!!!', `#poem=${'A'.repeat(30_000)}`, '#poem=AAAA', '#__proto__', '?model=../../etc&hub=javascript:1', '?theme=%E0%A4%A']) {
    await page.goto('about:blank');
    await page.goto(`${origins.site}${odd}`);
    await expect(page.getByRole('button', { name: /^Compose/ }), odd.slice(0, 30)).toBeVisible();
    expectUnharmed(await watched(page));
  }
  const hosts = new Set(requests.map((request) => new URL(request.url())).filter(({ protocol }) => /^https?:$/.test(protocol)).map(({ origin }) => `${origin}/`));
  expect([...hosts]).toEqual([origins.site]);
});

test('fault: hostile files give their good poems as text, and the page answers meanwhile', async ({ page, origins }, info) => {
  await watch(page);
  await page.goto(`${origins.site}?form=couplets&lines=2`);
  const done = finished(page);
  await page.getByRole('button', { name: /^Compose/ }).click();
  await done;
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await page.getByRole('link', { name: 'Collection' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export all (JSON)' }).click();
  const stream = await (await download).createReadStream();
  let json = '';
  for await (const piece of stream) json += String(piece);
  const [{ poem }] = (JSON.parse(json) as { poems: [{ poem: { id: string; title: string; stanzas: string[][] } }] }).poems;

  // From the disk, as a reader's own files: large buffers would be unpacked inside the page that is measured.
  const file = info.outputPath('<img src=x onerror=pwned=1>.json');
  const bring = async (content: string) => {
    await writeFile(file, content);
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Import a file' }).click();
    await (await chooser).setFiles(file);
  };
  const evil = { ...poem, id: 'evil', title: MARKUP.slice(0, 100), stanzas: [[MARKUP]] };
  await bring(`[${JSON.stringify(evil).replace('{', '{"__proto__":{"polluted":1},')},${JSON.stringify(evil)},${'['.repeat(9000)}${']'.repeat(9000)},{"stanzas":"x"}]`);
  await expect(page.getByText(/^One poem came in/)).toBeVisible();
  await expect(page.getByRole('listitem')).toHaveCount(2);
  expect(await page.evaluate(() => ({}) as { polluted?: number })).toEqual({});
  await watched(page);

  // What the same page takes for one poem, on the same machine at the same time, is the measure.
  await bring(JSON.stringify(poem));
  await expect(page.getByText(/was here already/)).toBeVisible();
  const { gap: usual } = await watched(page);
  await bring(`[${Array(4999).fill('{}').join(',')}]`);
  await expect(page.getByText(/4,?999/)).toBeVisible();
  await bring('x'.repeat(30e6));
  await expect(page.getByText('This file is too large for a collection of poems.')).toBeVisible();
  const seen = await watched(page);
  expect(seen.gap).toBeLessThan(200 + usual);
  expectUnharmed(seen);
});
