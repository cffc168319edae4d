/** `/embed/frame.html`: the same JSON by `postMessage`, from a page of another origin. */

import type { Page } from 'playwright/test';
import { expect, test } from './fixtures.ts';

interface Reply {
  verselet: 1;
  id: string;
  event: string;
  detail: { code?: string; text?: string; title?: string };
}

declare global {
  interface Window {
    replies: Reply[];
    post(frame: string, message: unknown): void;
  }
}

async function openFrames(page: Page, elsewhere: string, frames: Record<string, string>): Promise<void> {
  await page.addInitScript(() => {
    window.replies = [];
    window.post = (frame, message) => document.querySelector<HTMLIFrameElement>(`#${frame}`)!.contentWindow!.postMessage(message, '*');
    addEventListener('message', ({ data, source }) => {
      const frame = [...document.querySelectorAll('iframe')].find(({ contentWindow }) => contentWindow === source);
      window.replies.push({ ...(data as Reply), id: `${frame?.id}/${(data as Reply).id}` });
    });
  });
  await page.goto(elsewhere);
  await page.evaluate(
    (frames) =>
      Promise.all(
        Object.entries(frames).map(([id, src]) => {
          const frame = Object.assign(document.createElement('iframe'), { id, src });
          document.body.append(frame);
          return new Promise((loaded) => frame.addEventListener('load', loaded));
        }),
      ),
    frames,
  );
}

/** Waits until the frame has told `event` about `id`, and gives all that it told about it. */
async function repliesOf(page: Page, id: string, last: string): Promise<Reply[]> {
  await page.waitForFunction(([id, last]) => window.replies.some((reply) => reply.id === id && reply.event === last), [id, last], { timeout: 60_000 });
  return page.evaluate((id) => window.replies.filter((reply) => reply.id === id), id);
}

test('progress, lines, poem; stop; errors', async ({ page, origins }) => {
  const origin = new URL(origins.elsewhere.url).origin;
  await openFrames(page, origins.elsewhere.url, { frame: `${origins.site}embed/frame.html?origin=${origin}` });
  await page.evaluate(() => {
    window.post('frame', { verselet: 1, id: 'a', method: 'compose', request: { form: 'haiku', emotion: 'joy', seed: 7 } });
    window.post('frame', { verselet: 1, id: 'b', method: 'compose', request: { form: 'sonnet' } });
    window.post('frame', { verselet: 1, id: 'b', method: 'compose', request: {} });
    window.post('frame', { verselet: 1, id: 'c', method: 'compose', request: { emotion: 'hapy' } });
  });
  const first = await repliesOf(page, 'frame/a', 'poem');
  expect(first.map(({ event }) => event).filter((event) => event !== 'progress')).toEqual(['line', 'line', 'line', 'poem']);
  expect(first[0]!.event).toBe('progress');
  expect(first.at(-1)!.detail).toMatchObject({ title: expect.stringMatching(/\S/), seed: 7, form: 'haiku' });
  await repliesOf(page, 'frame/b', 'line');
  await page.evaluate(() => window.post('frame', { verselet: 1, id: 'b', method: 'stop' }));
  await page.waitForFunction(() => window.replies.some(({ id, detail }) => id === 'frame/b' && detail.code === 'aborted'));
  const twice = await page.evaluate(() => window.replies.find(({ id, event }) => id === 'frame/b' && event === 'error')!.detail.code);
  expect(twice).toBe('bad-request');
  const wrong = await repliesOf(page, 'frame/c', 'error');
  expect(wrong.at(-1)!.detail).toMatchObject({ code: 'bad-request', message: expect.stringContaining('emotion') });
  // The model stays open: a second poem comes without loading.
  await page.evaluate(() => window.post('frame', { verselet: 1, id: 'd', method: 'compose', request: { form: 'haiku', emotion: 'joy', seed: 7 } }));
  const again = await repliesOf(page, 'frame/d', 'poem');
  expect(again.map(({ event }) => event)).toEqual(['line', 'line', 'line', 'poem']);
  expect(again.at(-1)!.detail.text).toBe(first.at(-1)!.detail.text);
});

test('a hostile peer changes nothing, and an origin that is not named is not answered', async ({ page, origins }) => {
  const origin = new URL(origins.elsewhere.url).origin;
  const frame = `${origins.site}embed/frame.html`;
  await openFrames(page, origins.elsewhere.url, { allowed: `${frame}?origin=${origin}`, other: `${frame}?origin=https://other.example`, none: frame });
  await page.evaluate(() => {
    const polluting = '{ "__proto__": { "polluted": 1 }, "constructor": { "prototype": { "polluted": 1 } }, "emotion": "joy" }';
    const garbage: unknown[] = [null, 7, 'compose', [], {}, { verselet: 1 }, { verselet: 2, id: 'x', method: 'compose' }, { verselet: 1, id: {}, method: 'compose' }];
    garbage.push({ verselet: 1, id: 'x', method: 'constructor' }, { verselet: 1, id: '__proto__', method: 'stop' }, new Uint8Array(1 << 20));
    for (const message of garbage) window.post('allowed', message);
    window.post('allowed', { verselet: 1, id: 'proto', method: 'compose', request: JSON.parse(polluting) as object });
    window.post('allowed', { verselet: 1, id: 'huge', method: 'compose', request: { theme: 'x'.repeat(20e6) } });
    window.post('allowed', { verselet: 1, id: 'list', method: 'compose', request: { keep: Array.from({ length: 1e5 }, () => null) } });
    for (const closed of ['other', 'none']) window.post(closed, { verselet: 1, id: 'x', method: 'compose', request: {} });
    window.post('allowed', { verselet: 1, id: 'last', method: 'compose', request: { form: 'haiku', seed: 1 } });
  });
  await repliesOf(page, 'allowed/last', 'poem');
  const replies = await page.evaluate(() => window.replies.filter(({ event }) => event !== 'progress').map(({ id, event, detail }) => [id, detail.code ?? event].join(' ')));
  expect(new Set(replies)).toEqual(
    new Set(['allowed/proto bad-request', 'allowed/huge bad-request', 'allowed/list bad-request', 'allowed/last line', 'allowed/last poem']),
  );
  for (const inside of page.frames()) expect(await inside.evaluate(() => 'polluted' in {})).toBe(false);
  // The frames that heard nothing started nothing.
  expect(page.workers()).toHaveLength(1);
});
