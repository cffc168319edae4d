/**
 * Downloads and the model store in a real browser: CORS, IndexedDB, Web Locks, quota, killed tabs.
 * The page is of one origin, the hub of a second, its CDN of a third.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright/test';
import { expect, test as base } from 'playwright/test';
import { build } from 'vite';
import type { Files, HubServer } from './hub-server.ts';
import { sha256, startHub } from './hub-server.ts';

interface Opened {
  code?: string;
  sha256?: string;
  notices: string[];
}

interface World {
  hub: HubServer;
  site: string;
}

const test = base.extend<object, { world: World }>({
  world: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const hub = await startHub();
      const script = await bundle();
      const server = createServer((request, response) => {
        const isScript = request.url === '/hub.js';
        response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
        response.end(isScript ? script : '<!doctype html><title>Hub</title>');
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      await use({ hub, site: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
      server.closeAllConnections();
      server.close();
      await hub.stop();
    },
    { scope: 'worker' },
  ],
});

/** The hub side alone, as one script. */
async function bundle(): Promise<string> {
  const entry = 'src/hub/open-model.ts';
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, target: 'es2022', lib: { entry, formats: ['es'], fileName: 'hub' } },
  });
  const [first] = Array.isArray(result) ? result : [result];
  if (first === undefined || !('output' in first)) throw new Error('Nothing was built.');
  return first.output[0].code;
}

function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const SIZE = 6 * 2 ** 20 + 77;
const WEIGHTS = 'onnx/decoder_model_merged_quantized.onnx';
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function repo(seed: number): Files {
  const config = { model_type: 'gpt2', n_layer: 1, n_head: 2, n_embd: 8, vocab_size: 300, n_positions: 64 };
  return { 'config.json': json(config), 'tokenizer.json': json({ model: {} }), [WEIGHTS]: noise(SIZE, seed) };
}

async function visit(page: Page, { site }: World): Promise<void> {
  await page.goto(site);
}

/** Opens `org/name` in the page. */
function open(page: Page, { hub, site }: World, more: { onWriteFailure?: 'memory' } = {}): Promise<Opened> {
  return page.evaluate(
    async ({ hub, site, more }) => {
      const notices: string[] = [];
      const { openModel } = (await import(`${site}hub.js`)) as HubModule;
      const onNotice = (notice: { code: string }): number => notices.push(notice.code);
      try {
        const files = await openModel('org/name', { hub, base: site, onNotice, ...more });
        return { sha256: files.info.sha256, notices };
      } catch (error) {
        return { code: (error as { code?: string }).code ?? String(error), notices };
      }
    },
    { hub: hub.url, site, more },
  );
}

type HubModule = {
  openModel(model: string, options: object): Promise<{ info: { sha256: string } }>;
};

let files: Files;
let hash: string;
test.beforeEach(({ world }) => {
  world.hub.reset();
  files = repo(1);
  hash = sha256(files[WEIGHTS]!);
  world.hub.addRepo('org/name', files);
});

const blobs = ({ hub }: World): number[] => hub.requests('/blobs/').map((entry) => entry.from);

test('a hub model comes over two other origins, and the second visit sends no request', async ({ page, world }) => {
  await visit(page, world);
  expect(await open(page, world)).toEqual({ sha256: hash, notices: [] });
  world.hub.log.length = 0;
  await page.reload();
  expect(await open(page, world)).toEqual({ sha256: hash, notices: [] });
  expect(world.hub.log).toEqual([]);
});

test('a cut connection goes on with a Range request that needs no preflight', async ({ page, world }) => {
  await visit(page, world);
  world.hub.inject({ kind: 'cut', on: 'cdn', at: 0.5 });
  expect((await open(page, world)).sha256).toBe(hash);
  expect(blobs(world)).toHaveLength(2);
  expect(blobs(world)[1]).toBeGreaterThan(2 ** 20);
});

test('a hub without CORS is network', async ({ page, world }) => {
  await visit(page, world);
  world.hub.inject({ kind: 'no-cors', times: 99 });
  expect((await open(page, world)).code).toBe('network');
});

test('a full disk is quota; what was stored stays; in memory it goes on', async ({ page, world, context }) => {
  await visit(page, world);
  const session = await context.newCDPSession(page);
  const quota = (quotaSize?: number): Promise<unknown> =>
    session.send('Storage.overrideQuotaForOrigin', { origin: new URL(world.site).origin, quotaSize });
  await quota(3 * 2 ** 20);
  expect((await open(page, world)).code).toBe('quota');
  const inMemory = await open(page, world, { onWriteFailure: 'memory' });
  expect(inMemory).toEqual({ sha256: hash, notices: ['quota'] });
  await quota();
  world.hub.log.length = 0;
  expect(await open(page, world)).toEqual({ sha256: hash, notices: [] });
  expect(blobs(world)[0]).toBeGreaterThanOrEqual(2 ** 20);
});

test('a tab closed in the middle loses nothing that was stored', async ({ page, world, context }) => {
  const first = await context.newPage();
  await visit(first, world);
  world.hub.inject({ kind: 'stall', on: 'cdn', at: 0.7 });
  const opening = open(first, world).catch(() => undefined);
  await world.hub.stalled();
  // The last whole chunk before the silence is in the store.
  await expect.poll(() => storedChunks(first)).toBeGreaterThanOrEqual(3);
  await first.close();
  await opening;
  await visit(page, world);
  expect((await open(page, world)).sha256).toBe(hash);
  expect(blobs(world)[1]).toBeGreaterThanOrEqual(3 * 2 ** 20);
});

/** Chunks of the file that has most of them. */
function storedChunks(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const request = indexedDB.open('verselet-models');
        request.onerror = () => reject(new Error('no database'));
        request.onsuccess = () => {
          const keys = request.result.transaction('files').objectStore('files').getAllKeys();
          keys.onsuccess = () => {
            request.result.close();
            resolve(Math.max(0, ...keys.result.map((key) => (Array.isArray(key) && key[0] === 'c' ? Number(key[2]) + 1 : 0))));
          };
        };
      }),
  );
}

for (const count of [2, 5]) {
  test(`${count} tabs at once download once`, async ({ world, context }) => {
    const pages = await Promise.all(Array.from({ length: count }, () => context.newPage()));
    for (const page of pages) await visit(page, world);
    const results = await Promise.all(pages.map((page) => open(page, world)));
    expect(results.map((result) => result.sha256)).toEqual(pages.map(() => hash));
    expect(blobs(world)).toEqual([0]);
  });
}

test('storage evicted between visits is downloaded again', async ({ page, world, context }) => {
  await visit(page, world);
  await open(page, world);
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: new URL(world.site).origin, storageTypes: 'indexeddb' });
  await page.reload();
  expect((await open(page, world)).sha256).toBe(hash);
  expect(blobs(world)).toEqual([0, 0]);
});

test('storage evicted under an open page, which closes its database, is downloaded again', async ({ page, world, context }) => {
  await visit(page, world);
  await open(page, world);
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: new URL(world.site).origin, storageTypes: 'indexeddb' });
  expect((await open(page, world)).sha256).toBe(hash);
  expect(blobs(world)).toEqual([0, 0]);
});

test('an IndexedDB whose open never answers is given up, and the visit goes on in memory', async ({ page, world }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest;
  });
  await visit(page, world);
  expect(await open(page, world)).toEqual({ sha256: hash, notices: ['storage-blocked'] });
});

test('without Web Locks and without IndexedDB it still opens', async ({ page, world }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'locks', { value: undefined });
    Object.defineProperty(globalThis, 'indexedDB', { value: undefined });
  });
  await visit(page, world);
  expect(await open(page, world)).toEqual({ sha256: hash, notices: ['storage-blocked'] });
});
