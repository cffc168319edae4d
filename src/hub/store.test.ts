import 'fake-indexeddb/auto';
import { IDBDatabase, IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { VerseletError } from '../errors.ts';
import type { KeyValue } from './key-value.ts';
import { indexedDbKeyValue, memoryKeyValue } from './key-value.ts';
import { openModelStore } from './open-store.ts';
import type { Manifest } from './store.ts';
import { CHUNK, ModelStore } from './store.ts';
import { ManualClock, failure } from './testing.ts';

let clock: ManualClock;
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  clock = new ManualClock();
});
afterEach(() => vi.restoreAllMocks());

const DAY = 24 * 3600 * 1000;

function manifest(id: string, keys: string[], more: Partial<Manifest> = {}): Manifest {
  const files = keys.map((key) => ({ path: key, url: '', key, size: 10, sha256: 'f'.repeat(64) }));
  const rest = { dialect: 'plain', dtype: 'q4', license: 'MIT', verifiedAt: 1, format: 'packed' } as const;
  return {
    schema: 1,
    hub: 'h',
    id,
    revision: 'r',
    refs: [''],
    variant: 'packed',
    weights: keys[0]!,
    files,
    ...rest,
    ...more,
  };
}

const keyed = async (kv: KeyValue, kind: string): Promise<unknown[]> =>
  (await kv.keys()).filter((key) => key[0] === kind).map((key) => key[1]);

describe.each([
  ['IndexedDB', (): KeyValue => indexedDbKeyValue(clock)],
  ['memory', (): KeyValue => memoryKeyValue(true)],
])('the store over %s', (_name, open) => {
  it('gives back chunks in order, up to the first gap or short one', async () => {
    const store = new ModelStore(open(), clock);
    for (const i of [0, 1, 2, 4]) await store.writeChunk('f', i, new Uint8Array(CHUNK).fill(i));
    const seen: number[] = [];
    expect(await store.readChunks('f', (bytes) => seen.push(bytes[0]!))).toBe(3 * CHUNK);
    expect(seen).toEqual([0, 1, 2]);
    await store.writeChunk('f', 1, new Uint8Array(7));
    expect(await store.readChunks('f', () => {})).toBe(CHUNK + 7);
    expect(await store.readChunks('other', () => {})).toBe(0);
  });

  it('forgets a model but not the files that another shares', async () => {
    const kv = open();
    const store = new ModelStore(kv, clock);
    for (const file of ['own', 'shared']) await store.writeChunk(file, 0, new Uint8Array(10));
    await store.keep(manifest('a', ['own', 'shared']));
    await store.keep(manifest('b', ['shared']));
    expect(await store.usage()).toEqual({ models: 2, bytes: 20 });
    await store.remove(manifest('a', []));
    expect(await keyed(kv, 'c')).toEqual(['shared']);
    expect((await store.list()).map((kept) => kept.manifest.id)).toEqual(['b']);
    await store.remove(manifest('b', ['shared']));
    expect(await kv.keys()).toEqual([]);
  });

  it('sweeps chunks of nobody and old halves, and keeps models and fresh halves', async () => {
    const kv = open();
    const store = new ModelStore(kv, clock);
    for (const file of ['kept', 'old', 'orphan']) await store.writeChunk(file, 0, new Uint8Array(10));
    await store.stage('old', { url: 'u', size: 1, etag: null });
    await store.keep(manifest('a', ['kept']));
    clock.advance(15 * DAY);
    await store.writeChunk('fresh', 0, new Uint8Array(10));
    await store.stage('fresh', { url: 'u', size: 1, etag: null });
    expect(await store.sweep()).toBe(3);
    expect((await keyed(kv, 'c')).sort()).toEqual(['fresh', 'kept']);
    expect(await keyed(kv, 's')).toEqual(['fresh']);
    clock.time -= 400 * DAY;
    expect(await store.sweep()).toBe(0);
  });

  it('is not confused by names of object properties', async () => {
    const store = new ModelStore(open(), clock);
    await store.keep(manifest('__proto__', ['constructor']));
    expect((await store.manifests({ hub: 'h', id: '__proto__' })).length).toBe(1);
    expect((await store.manifests({ hub: 'h', id: 'toString' })).length).toBe(0);
  });
});

describe('a database that misbehaves', () => {
  it('and never opens is given up after five seconds: the visit goes on in memory', async () => {
    vi.spyOn(globalThis.indexedDB, 'open').mockReturnValue({} as IDBOpenDBRequest);
    const notices: VerseletError[] = [];
    const opening = openModelStore((notice) => notices.push(notice), clock);
    await Promise.resolve();
    clock.advance(4999);
    expect(notices).toEqual([]);
    clock.advance(1);
    expect((await opening).persistent).toBe(false);
    expect(notices.map((notice) => notice.code)).toEqual(['storage-blocked']);
  });

  it('and refuses to open is storage-blocked, once', async () => {
    vi.spyOn(globalThis.indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    const notices: VerseletError[] = [];
    expect((await openModelStore((notice) => notices.push(notice), clock)).persistent).toBe(false);
    expect(notices.map((notice) => notice.code)).toEqual(['storage-blocked']);
  });

  it('and closes its connection under us gets a fresh one, once', async () => {
    const kv = indexedDbKeyValue(clock);
    await kv.setMany([[['a'], 1]]);
    const closed = (): never => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError');
    };
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(closed);
    expect(await kv.getMany([['a']])).toEqual([1]);
    expect(transaction).toHaveBeenCalledTimes(2);
    transaction.mockImplementation(closed);
    expect((await failure(kv.getMany([['a']]))).code).toBe('storage-blocked');
    expect(transaction).toHaveBeenCalledTimes(4);
  });

  it('and is full is quota', async () => {
    const kv = indexedDbKeyValue(clock);
    await kv.keys();
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('', 'QuotaExceededError');
    });
    expect((await failure(kv.setMany([[['a'], 1]]))).code).toBe('quota');
  });

  it('and was deleted between visits is just empty', async () => {
    const store = await openModelStore(() => {}, clock);
    await store.keep(manifest('a', ['x']));
    globalThis.indexedDB = new IDBFactory();
    expect(await (await openModelStore(() => {}, clock)).list()).toEqual([]);
  });
});
