/**
 * Three hundred poems in one tab over two models and two devices, with random stops; only with `VERSELET_SOAK=1`. The GPU is
 * Chromium's software adapter, a hundred times slower than one: every fifteenth poem is its share.
 */

import type { Page } from 'playwright/test';
import { expect, test } from './fixtures.ts';

const POEMS = 300;
/** The first ones fill caches that stay. */
const WARM = 60;

interface Outcome {
  written: number;
  stopped: number;
  /** Written by model and device. */
  by: Record<string, number>;
  /** Codes and shapes that should not be. */
  wrong: string[];
}

test.skip(!process.env.VERSELET_SOAK, 'The soak of 300 poems runs with VERSELET_SOAK=1.');

/** Poems `from` to `from + count` of the soak, each by a composer of its own. */
function write(page: Page, site: string, from: number, count: number): Promise<Outcome> {
  return page.evaluate(
    async ({ site, from, count }) => {
      const { createComposer } = (await import(`${site}embed/verselet.js`)) as typeof import('../src/embed.ts');
      const outcome: Outcome = { written: 0, stopped: 0, by: {}, wrong: [] };
      for (let index = from; index < from + count; index += 1) {
        const onGpu = index % 15 === 14;
        const model = onGpu || Math.floor(index / 5) % 2 === 1 ? 'verse-nano' : 'verse-small';
        const lines = onGpu ? 2 : 4;
        const composer = await createComposer({ device: onGpu ? 'webgpu' : 'wasm', model });
        const controller = new AbortController();
        if (Math.random() < 0.25) setTimeout(() => controller.abort(), Math.random() * (onGpu ? 3_000 : 200));
        try {
          const poem = await composer.compose({ form: 'couplets', lines, candidates: 1, title: 'Soak', seed: index }, { signal: controller.signal });
          const key = `${poem.model.id} ${poem.device}`;
          outcome.written += 1;
          outcome.by[key] = (outcome.by[key] ?? 0) + 1;
          if (poem.stanzas.flat().length !== lines || poem.model.id !== model || (poem.device === 'webgpu') !== onGpu) outcome.wrong.push(`${index}: ${key}`);
        } catch (error) {
          const { code, message } = error as { code?: string; message: string };
          if (code === 'aborted') outcome.stopped += 1;
          else outcome.wrong.push(`${index}: ${code} ${message}`);
        } finally {
          await composer.dispose();
        }
      }
      return outcome;
    },
    { site, from, count },
  );
}

test('300 poems over two models and two devices with random stops: no leak, no stuck state, every worker ends', async ({ page, context, origins }) => {
  test.setTimeout(40 * 60_000);
  const start = Date.now();
  await page.goto(origins.site);
  const session = await context.newCDPSession(page);
  const heap = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  const first = await write(page, origins.site, 0, WARM);
  const before = await heap();
  const rest = await write(page, origins.site, WARM, POEMS - WARM);
  const after = await heap();
  const written = first.written + rest.written;
  const stopped = first.stopped + rest.stopped;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2);
  console.log(
    `${written} poems written and ${stopped} stopped in ${((Date.now() - start) / 60_000).toFixed(1)} minutes (since poem ${WARM}: ${JSON.stringify(rest.by)}); ` +
      `heap of the page ${megabytes(before)} MB after ${WARM} poems, ${megabytes(after)} MB after ${POEMS}`,
  );
  expect([...first.wrong, ...rest.wrong]).toEqual([]);
  expect(written + stopped).toBe(POEMS);
  expect(Object.keys(rest.by).sort()).toEqual(['verse-nano wasm', 'verse-nano webgpu', 'verse-small wasm']);
  expect(stopped).toBeGreaterThan(0);
  expect(after - before).toBeLessThan(1e6);
  // Workers without users end by themselves.
  await expect.poll(() => page.workers().length).toBe(0);
});
