import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HubServer } from '../../e2e/hub-server.ts';
import { startHub } from '../../e2e/hub-server.ts';
import type { VerseletError } from '../errors.ts';
import type { OpenModelOptions } from './open-model.ts';
import { openModel } from './open-model.ts';
import { openModelStore } from './open-store.ts';
import { ManualClock, failure, json, modelFolder, sha256 } from './testing.ts';
import type { LoadProgress } from './types.ts';

let server: HubServer;
let clock: ManualClock;
let reports: LoadProgress[];
let notices: VerseletError[];

beforeAll(async () => {
  server = await startHub();
});
afterAll(() => server.stop());
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  clock = new ManualClock();
  reports = [];
  notices = [];
  server.reset();
  deploy(modelFolder());
});

function deploy(nano: Record<string, Uint8Array>): void {
  server.addFolder('site/models', { 'index.json': json({ default: 'nano', models: [{ id: 'nano' }] }) });
  server.addFolder('site/models/nano', nano);
}

function options(more: Partial<OpenModelOptions> = {}): OpenModelOptions {
  return {
    base: `${server.url}/site/`,
    clock,
    locks: null,
    onProgress: (report) => reports.push(report),
    onNotice: (notice) => notices.push(notice),
    ...more,
  };
}

describe('an embedded model', () => {
  it('is downloaded, verified, kept; the second visit asks for no model bytes', async () => {
    const folder = modelFolder();
    const first = await openModel(undefined, options());
    const weights = folder['verselet.safetensors']!;
    expect(sha256(first.weights)).toBe(sha256(weights));
    expect(first.info).toMatchObject({ id: 'nano', dialect: 'plan', license: 'Apache-2.0', sha256: sha256(weights) });
    expect(first.info.revision).toBe(`embedded-${sha256(weights).slice(0, 12)}`);
    expect(first.format).toBe('packed');
    expect(first.config).toMatchObject({ model_type: 'gpt2' });
    expect(reports.at(-1)).toMatchObject({
      phase: 'verify',
      loaded: first.info.bytes,
      total: first.info.bytes,
      fromCache: false,
    });
    expect(server.requests('model.safetensors')).toHaveLength(0);

    server.log.length = 0;
    const second = await openModel('nano', options());
    expect(sha256(second.weights)).toBe(sha256(weights));
    expect(second.info).toEqual(first.info);
    expect(server.log.map((entry) => entry.path)).toEqual(['/site/models/nano/verselet.json']);
    expect(reports.at(-1)).toMatchObject({ fromCache: true, loaded: first.info.bytes });
  });

  it('opens without any server once it is kept, also as the default', async () => {
    const first = await openModel(undefined, options());
    const offline = options({ fetch: () => Promise.reject(new TypeError('offline')) });
    expect((await openModel(undefined, offline)).info).toEqual(first.info);
    expect((await openModel('nano', offline)).info).toEqual(first.info);
  });

  it('opens the kept copy when the server is silent', async () => {
    const first = await openModel('nano', options());
    server.inject({ kind: 'stall', match: 'verselet.json', at: 0 });
    const opening = openModel('nano', options());
    await server.stalled();
    // The card is on its way before anybody waits for it: with a timer beside those of the two stores.
    await vi.waitFor(() => expect(clock.timers).toBeGreaterThan(2));
    clock.advance(4000);
    expect((await opening).info).toEqual(first.info);
  });

  it('is replaced when the site ships a new one, and the old bytes go', async () => {
    const first = await openModel('nano', options());
    deploy(modelFolder(2));
    const second = await openModel('nano', options());
    expect(second.info.revision).not.toBe(first.info.revision);
    expect(server.requests('tokenizer.json')).toHaveLength(1);
    const store = await openModelStore();
    expect((await store.list()).map((kept) => kept.manifest.revision)).toEqual([second.info.revision]);
    expect((await store.usage()).bytes).toBe(second.info.bytes);
  });

  it('stays the old one when the new one cannot be had', async () => {
    const first = await openModel('nano', options());
    deploy(modelFolder(2));
    server.inject({ kind: 'status', status: 403, match: 'verselet.safetensors', times: 9 });
    expect((await openModel('nano', options())).info).toEqual(first.info);
    expect(notices.map((notice) => notice.code)).toEqual(['hub-refused']);
  });

  it('opens with the card of today when a cache gave an old one', async () => {
    const old = modelFolder()['verselet.json']!;
    deploy(modelFolder(2));
    const stale: typeof fetch = (input, init) => {
      const isCard = String(input).endsWith('verselet.json');
      return isCard ? Promise.resolve(new Response(new TextDecoder().decode(old))) : fetch(input, init);
    };
    const files = await openModel('nano', options({ fetch: stale }));
    expect(files.info.sha256).toBe(sha256(modelFolder(2)['verselet.safetensors']!));
  });

  it('gives its checkpoint for precision source', async () => {
    const files = await openModel('nano', options({ precision: 'source' }));
    expect(files.format).toBe('checkpoint');
    expect(sha256(files.weights)).toBe(sha256(modelFolder()['model.safetensors']!));
    expect(server.requests('verselet.safetensors')).toHaveLength(0);
  });

  it('is model-not-found when the site has none of that name, also behind a page for missing files', async () => {
    expect((await failure(openModel('other', options()))).code).toBe('model-not-found');
    server.inject({ kind: 'html', match: 'verselet.json' });
    expect((await failure(openModel('other', options()))).code).toBe('model-not-found');
  });

  it('refuses cards that point elsewhere or lie', async () => {
    const entry = { bytes: 3, sha256: 'a'.repeat(64) };
    const base = { 'config.json': entry, 'tokenizer.json': entry };
    const cards = [
      { files: { ...base, '../../secret': entry }, weights: '../../secret' },
      { files: { ...base, 'https://evil/x': entry }, weights: 'https://evil/x' },
      { files: { ...base, w: { bytes: 1e15, sha256: 'a'.repeat(64) } }, weights: 'w' },
      { files: { ...base, w: { bytes: 3, sha256: 'nonsense' } }, weights: 'w' },
      { files: { w: entry }, weights: 'w' },
      { files: base, weights: '__proto__' },
    ];
    for (const card of cards) {
      deploy({ ...modelFolder(), 'verselet.json': json({ dialect: 'plan', ...card }) });
      expect((await failure(openModel('nano', options()))).code, JSON.stringify(card)).toBe('unsupported-model');
    }
    expect(server.log.every((request) => request.path.endsWith('verselet.json'))).toBe(true);
  });

  it('that is no GPT-2 is refused before its weights are fetched', async () => {
    const folder = modelFolder();
    const config = json({ model_type: 'llama' });
    const card = JSON.parse(new TextDecoder().decode(folder['verselet.json'])) as { files: Record<string, unknown> };
    card.files['config.json'] = { bytes: config.byteLength, sha256: sha256(config) };
    deploy({ ...folder, 'config.json': config, 'verselet.json': json(card) });
    expect((await failure(openModel('nano', options()))).code).toBe('unsupported-model');
    expect(server.requests('safetensors')).toHaveLength(0);
  });

  it('heals a chunk that rotted in the store', async () => {
    await openModel('nano', options());
    const store = await openModelStore();
    const [manifest] = await store.manifests();
    const weights = manifest!.files.find((file) => file.path === 'verselet.safetensors')!;
    await store.writeChunk(weights.key, 0, new Uint8Array(1024 * 1024));
    server.log.length = 0;
    const files = await openModel('nano', options());
    expect(sha256(files.weights)).toBe(weights.sha256);
    expect(server.requests('verselet.safetensors')).toHaveLength(1);
    expect(sha256((await openModel('nano', options({ fetch: () => Promise.reject(new TypeError()) }))).weights)).toBe(
      weights.sha256,
    );
  });

  it('works where there is no IndexedDB, and says that it will not be kept', async () => {
    delete (globalThis as { indexedDB?: IDBFactory }).indexedDB;
    const files = await openModel('nano', options());
    expect(files.info.id).toBe('nano');
    expect(notices.map((notice) => notice.code)).toEqual(['storage-blocked']);
  });
});

describe('a model folder anywhere', () => {
  it('opens by its address', async () => {
    const files = await openModel(`${server.url}/site/models/nano`, options({ base: 'http://localhost:1/' }));
    expect(files.info.id).toBe(`${server.url}/site/models/nano/`);
    expect(files.info.revision).toMatch(/^folder-[0-9a-f]{12}$/);
  });

  it('without a card is read as a folder of the hub’s layout, kept, and opened offline', async () => {
    const { 'verselet.json': _card, 'verselet.safetensors': _packed, ...bare } = modelFolder();
    server.addFolder('bare', bare);
    const address = `${server.url}/bare/`;
    const first = await openModel(address, options({ pack: null }));
    expect(sha256(first.weights)).toBe(sha256(bare['model.safetensors']!));
    expect(first.info.revision).toBe(`folder-${first.info.sha256.slice(0, 12)}`);
    const offline = options({ fetch: () => Promise.reject(new TypeError('offline')) });
    expect((await openModel(address, offline)).info).toEqual(first.info);
    server.log.length = 0;
    await openModel(address, options({ pack: null }));
    expect(server.log.map((entry) => entry.path)).toEqual(['/bare/verselet.json']);
  });

  it('that is not there is model-not-found', async () => {
    expect((await failure(openModel(`${server.url}/nothing/`, options()))).code).toBe('model-not-found');
    server.inject({ kind: 'html', times: 99 });
    expect((await failure(openModel(`${server.url}/nothing/`, options()))).code).toBe('model-not-found');
    server.reset();
    server.inject({ kind: 'status', status: 403 });
    expect((await failure(openModel(`${server.url}/nothing/`, options()))).code).toBe('hub-refused');
  });
});
