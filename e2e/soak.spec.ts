/** Three hundred poems in one tab, over two models, with random stops; only with `VERSELET_SOAK=1`. */

import { expect, test } from './fixtures.ts';

const POEMS = 300;

test.skip(!process.env.VERSELET_SOAK, 'The soak of 300 poems runs with VERSELET_SOAK=1.');

test('300 poems over two models with random stops: no leak, no stuck state', async ({ page, context, origins }) => {
  test.setTimeout(20 * 60_000);
  await page.goto(origins.site);
  const session = await context.newCDPSession(page);
  const heap = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize;
  };
  const write = (from: number, count: number) =>
    page.evaluate(
      async ({ site, from, count }) => {
        const { createComposer } = (await import(`${site}embed/verselet.js`)) as typeof import('../src/embed.ts');
        const tally = { written: 0, stopped: 0, other: [] as string[] };
        for (let index = from; index < from + count; index += 1) {
          // Each model ten times in turn: the embedded one, and its folder as a stranger would name it.
          const model = Math.floor(index / 10) % 2 === 0 ? undefined : `${site}models/verse-nano/`;
          const composer = await createComposer({ device: 'wasm', ...(model !== undefined && { model }) });
          const controller = new AbortController();
          if (Math.random() < 0.25) setTimeout(() => controller.abort(), Math.random() * 300);
          try {
            const poem = await composer.compose({ form: 'couplets', lines: 4, candidates: 1, seed: index }, { signal: controller.signal });
            tally.written += poem.stanzas.flat().length === 4 ? 1 : 0;
          } catch (error) {
            const { code } = error as { code: string };
            if (code === 'aborted') tally.stopped += 1;
            else tally.other.push(code);
          } finally {
            await composer.dispose();
          }
        }
        return tally;
      },
      { site: origins.site, from, count },
    );
  const first = await write(0, 50);
  const before = await heap();
  const rest = await write(50, POEMS - 50);
  expect([...first.other, ...rest.other]).toEqual([]);
  expect(first.written + first.stopped + rest.written + rest.stopped).toBe(POEMS);
  expect(rest.written).toBeGreaterThan(POEMS / 2);
  expect((await heap()) - before).toBeLessThan(2e6);
  // Workers without users end by themselves.
  await expect.poll(() => page.workers().length).toBe(0);
});
