import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HubServer } from '../../e2e/hub-server.ts';
import { startHub } from '../../e2e/hub-server.ts';
import { openModel } from './open-model.ts';
import { deleteKept, shelf } from './shelf.ts';
import { json, modelFolder, testContext } from './testing.ts';

let server: HubServer;
beforeAll(async () => {
  server = await startHub();
  server.addFolder('s/models', {
    'index.json': json({ default: 'a', models: [{ id: 'c', bytes: 9 }, { id: 'a', bytes: 7, license: 'MIT' }, { id: '../b' }] }),
  });
  server.addFolder('s/models/a', modelFolder(1, 1000));
  server.addFolder('s/models/c', modelFolder(2, 1000));
});
afterAll(() => server.stop());

describe('shelf', () => {
  it('lists the page’s models, the catalog, and what is kept; deletes one and all', async () => {
    const { store, net, clock } = testContext();
    const base = `${server.url}/s/`;
    const open = (id: string) => openModel(id, { base, store, clock, locks: null });
    const a = await open('a');
    clock.advance(1000);
    const c = await open('c');
    const { kept, catalog } = await shelf(base, { store, net });
    expect(kept.map(({ id, bytes }) => [id, bytes])).toEqual([
      ['c', c.info.bytes],
      ['a', a.info.bytes],
    ]);
    expect(kept[0]?.lastUsed).toBe(new Date(clock.now()).toISOString());
    expect(catalog.filter((entry) => entry.kind === 'embedded')).toEqual([
      { id: 'a', kind: 'embedded', isDefault: true, bytes: 7, keptBytes: 7, license: 'MIT' },
      { id: 'c', kind: 'embedded', bytes: 9, keptBytes: 9, license: 'not stated' },
    ]);
    const set = catalog.find((entry) => entry.kind === 'set');
    expect(Object.keys(set?.members ?? {})).toHaveLength(9);

    await deleteKept('c', c.info.revision, { store });
    expect((await shelf(base, { store, net })).kept.map(({ id }) => id)).toEqual(['a']);
    server.log.length = 0;
    await open('a');
    expect(server.requests('tokenizer.json')).toHaveLength(0);
    for (const { id, revision } of (await shelf(base, { store, net })).kept) await deleteKept(id, revision, { store });
    expect((await shelf(base, { store, net })).kept).toEqual([]);
    expect(await store.sweep()).toBe(0);
  });

  it('needs no network', async () => {
    const { store, net } = testContext();
    const offline = { ...net, fetch: () => Promise.reject(new TypeError('offline')) };
    expect((await shelf('http://localhost:1/', { store, net: offline })).catalog[0]?.kind).toBe('hub');
  });
});
