import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HubServer } from '../../e2e/hub-server.ts';
import { startHub } from '../../e2e/hub-server.ts';
import type { RemoteFile } from './download.ts';
import { fetchFile } from './download.ts';
import { fileUrl } from './hub-api.ts';
import { CHUNK } from './store.ts';
import type { TestContext } from './testing.ts';
import { failure, noise, seen, sha256, testContext } from './testing.ts';

const SIZE = 2 * CHUNK + 12_345;
const bytes = noise(SIZE);
let server: HubServer;
let file: RemoteFile & { size: number; sha256: string };
let context: TestContext;

beforeAll(async () => {
  server = await startHub();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
  const commit = server.addRepo('org/name', { 'w.bin': bytes });
  const hash = sha256(bytes);
  file = {
    path: 'w.bin',
    url: fileUrl(server.url, 'org/name', commit, 'w.bin'),
    key: `sha256-${hash}`,
    size: SIZE,
    sha256: hash,
  };
  context = testContext();
});

/** First bytes that were asked of the CDN. */
const starts = (): number[] => server.log.filter((entry) => entry.server === 'cdn').map((entry) => entry.from);

/** As `toEqual`, which takes seconds for megabytes. */
function expectSame(got: Uint8Array, wanted: Uint8Array): void {
  expect(Buffer.compare(got, wanted)).toBe(0);
}

async function expectWhole(ctx = context): Promise<void> {
  expectSame((await fetchFile(ctx, file)).bytes, bytes);
}

describe('answers of the hub', () => {
  it.each([
    [401, 'hub-refused'],
    [403, 'hub-refused'],
    [404, 'model-not-found'],
    [418, 'hub-refused'],
  ])('status %d is %s, at once', async (status, code) => {
    server.inject({ kind: 'status', status, on: 'hub' });
    expect((await failure(fetchFile(context, file))).code).toBe(code);
    expect(server.log).toHaveLength(1);
  });

  it.each([408, 429, 500, 502, 503])('status %d passes by itself', async (status) => {
    server.inject({ kind: 'status', status, times: 2, on: 'hub' });
    await expectWhole();
    expect(context.clock.waits).toEqual([500, 1000]);
  });

  it.each([429, 500, 503])('status %d that stays is hub-refused', async (status) => {
    server.inject({ kind: 'status', status, times: 99 });
    expect((await failure(fetchFile(context, file))).code).toBe('hub-refused');
    expect(server.log).toHaveLength(5);
  });

  it('Retry-After is obeyed, in seconds and as a date', async () => {
    server.inject({ kind: 'status', status: 429, retryAfter: '7', on: 'hub' });
    server.inject({
      kind: 'status',
      status: 503,
      retryAfter: new Date(context.clock.now() + 27_000).toUTCString(),
      on: 'hub',
    });
    await expectWhole();
    expect(context.clock.waits).toEqual([7000, 20_000]);
  });

  it('a Retry-After of an hour is told, not waited for', async () => {
    server.inject({ kind: 'status', status: 429, retryAfter: '3600', on: 'hub' });
    const error = await failure(fetchFile(context, file));
    expect(error.code).toBe('hub-refused');
    expect(error.hint).toContain('3600 seconds');
    expect(context.clock.waits).toEqual([]);
  });

  it('an expired CDN address is resolved again', async () => {
    server.inject({ kind: 'expired', on: 'hub' });
    await expectWhole();
    expect(server.log.map(({ server, status }) => [server, status])).toEqual([
      ['hub', 302],
      ['cdn', 403],
      ['hub', 302],
      ['cdn', 200],
    ]);
  });

  it('a redirect loop ends in network', async () => {
    server.inject({ kind: 'redirect-loop', on: 'hub' });
    expect((await failure(fetchFile(context, file))).code).toBe('network');
  });

  it('a web page in place of the file is hub-refused', async () => {
    server.inject({ kind: 'html', on: 'cdn' });
    expect((await failure(fetchFile(context, file))).code).toBe('hub-refused');
    expect(await context.store.readChunks(file.key, () => {})).toBe(0);
  });

  it('a hub that cannot be reached is network', async () => {
    file.url = 'http://127.0.0.1:9/x';
    expect((await failure(fetchFile(context, file))).code).toBe('network');
    expect(context.clock.waits).toHaveLength(4);
  });
});

describe('a stalled stream', () => {
  it('is cut after 30 seconds and goes on', async () => {
    server.inject({ kind: 'stall', on: 'cdn', at: 0.7 });
    const opening = expectWhole();
    await server.stalled();
    await seen(() => context.reports.at(-1)!.loaded > CHUNK);
    context.clock.advance(29_999);
    expect(starts()).toHaveLength(1);
    context.clock.advance(1);
    await opening;
    expect(starts()[1]).toBeGreaterThan(CHUNK);
  });

  it('that stays silent ends in network within two minutes', async () => {
    server.inject({ kind: 'stall', on: 'cdn', at: 0.6 });
    server.inject({ kind: 'stall', on: 'cdn', at: 0, times: 99 });
    const begin = context.clock.now();
    const opening = failure(fetchFile(context, file));
    for (let stalls = 0; ; stalls += 1) {
      const over = await Promise.race([server.stalled().then(() => false), opening.then(() => true)]);
      if (over) break;
      expect(stalls).toBeLessThan(4);
      context.clock.advance(30_000);
    }
    expect((await opening).code).toBe('network');
    expect(context.clock.now() - begin).toBeLessThan(120_000);
    expect(await context.store.readChunks(file.key, () => {})).toBeGreaterThan(CHUNK);
  });
});
