import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serve } from '../bin/serve.mjs';

let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve('public');
});
afterAll(() => void site.server.close());

/** As it stands, without the repairs that `fetch` makes. */
function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(site.url);
    request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

it('fault: odd addresses are 404, leave the folder never, and do not end the server', async () => {
  for (const path of ['/../package.json', '/..%2fpackage.json', '/%2e%2e/package.json', '/%E0%A4%A', '//', '//[', '/a%00b', '/..%5c..%5cpackage.json', '/models/../../package.json']) {
    expect(await statusOf(path), path).toBe(404);
  }
  expect(await statusOf('/icon.svg')).toBe(200);
});

it('sends the headers that keep strangers out', async () => {
  const { headers } = await fetch(`${site.url}icon.svg`);
  expect(Object.fromEntries(headers)).toMatchObject({
    'referrer-policy': 'no-referrer',
    'permissions-policy': expect.stringContaining('camera=()'),
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
  });
});
