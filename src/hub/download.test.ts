import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HubServer } from '../../e2e/hub-server.ts';
import { startHub } from '../../e2e/hub-server.ts';
import { VerseletError } from '../errors.ts';
import type { RemoteFile } from './download.ts';
import { fetchFile, fetchSource } from './download.ts';
import { fileUrl } from './hub-api.ts';
import type { KeyValue } from './key-value.ts';
import { memoryKeyValue } from './key-value.ts';
import { CHUNK, ModelStore } from './store.ts';
import type { TestContext } from './testing.ts';
import { ManualClock, failure, noise, seen, sha256, testContext } from './testing.ts';

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

describe('a download', () => {
  it('says when the assembled file is compared with its hash: all bytes are there, and no download follows', async () => {
    await expectWhole();
    const phases = context.reports.map(({ phase }) => phase);
    expect(phases.filter((phase) => phase === 'verify')).toHaveLength(1);
    expect(context.reports.at(-1)).toMatchObject({ phase: 'verify', file: 'w.bin', loaded: SIZE, total: SIZE });
    const small = noise(1000);
    const commit = server.addRepo('org/small', { 's.bin': small });
    context.reports.length = 0;
    await fetchFile(context, { path: 's.bin', url: fileUrl(server.url, 'org/small', commit, 's.bin'), key: 'small', size: 1000, sha256: sha256(small) });
    expect(context.reports.map(({ phase }) => phase)).not.toContain('verify');
  });

  it('comes through the redirect, is kept, and is not asked for again', async () => {
    await expectWhole();
    expect(server.log.map(({ server, status }) => [server, status])).toEqual([
      ['hub', 302],
      ['cdn', 200],
    ]);
    server.log.length = 0;
    await expectWhole();
    expect(server.log).toEqual([]);
  });

  it.each([0.01, 0.5, 0.99])('cut at %d goes on where it stopped', async (at) => {
    server.inject({ kind: 'cut', on: 'cdn', at });
    await expectWhole();
    const cut = Math.floor(SIZE * at);
    expect(starts()).toHaveLength(2);
    expect(starts()[1]).toBeGreaterThan(0);
    expect(starts()[1]).toBeLessThanOrEqual(cut);
    const loaded = context.reports.map((report) => report.loaded);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  });

  it('cut again and again without a byte ends in network, and the next visit goes on', async () => {
    server.inject({ kind: 'cut', on: 'cdn', at: 0.7 });
    server.inject({ kind: 'cut', on: 'cdn', at: 0, times: 99 });
    expect((await failure(fetchFile(context, file))).code).toBe('network');
    expect(context.clock.waits).toEqual([500, 1000, 2000, 4000, 500].slice(0, context.clock.waits.length));
    const asked = starts().length;
    expect(asked).toBeLessThanOrEqual(6);
    server.reset();
    await expectWhole(testContext({ store: context.store }));
    expect(starts()[0]).toBeGreaterThan(CHUNK);
  });

  it('with a body that ends too early goes on behind it', async () => {
    server.inject({ kind: 'short', on: 'cdn', at: 0.3 });
    await expectWhole();
    expect(starts()).toEqual([0, Math.floor(SIZE * 0.3)]);
  });

  it('of a file shorter than announced is integrity', async () => {
    server.addRepo('org/name', { 'w.bin': bytes.subarray(0, 1000) }, { commit: file.url.split('/').at(-2)! });
    expect((await failure(fetchFile(context, file))).code).toBe('integrity');
  });

  it('of a file longer than announced is integrity; if only once, it heals', async () => {
    server.inject({ kind: 'long', on: 'cdn' });
    await expectWhole();
    server.inject({ kind: 'long', on: 'cdn', times: 9 });
    expect((await failure(fetchFile(testContext(), file))).code).toBe('integrity');
  });

  it('that is whole though Content-Length promised more is not asked for again', async () => {
    server.inject({ kind: 'length', on: 'cdn' });
    await expectWhole();
    expect(starts()).toEqual([0]);
  });

  it('with a flipped byte is integrity, and nothing of it is kept', async () => {
    server.inject({ kind: 'flip', on: 'cdn' });
    expect((await failure(fetchFile(context, file))).code).toBe('integrity');
    expect(await context.store.readChunks(file.key, () => {})).toBe(0);
    await expectWhole();
  });

  it('with another hash than announced is integrity', async () => {
    file.sha256 = 'f'.repeat(64);
    expect((await failure(fetchFile(context, file))).code).toBe('integrity');
  });

  it('that changes on the way (ETag) starts over, and never mixes', async () => {
    server.inject({ kind: 'cut', on: 'cdn' });
    server.inject({ kind: 'etag', on: 'cdn' });
    await expectWhole();
    expect(starts().at(-1)).toBe(0);
  });

  it('that changes on the way without a known hash ends in integrity', async () => {
    delete (file as Partial<RemoteFile>).sha256;
    for (let i = 0; i < 4; i += 1) {
      server.inject({ kind: 'cut', on: 'cdn' });
      server.inject({ kind: 'etag', on: 'cdn' });
    }
    expect((await failure(fetchFile(context, file))).code).toBe('integrity');
  });

  it('whose content changed for good is integrity', async () => {
    server.inject({ kind: 'cut', on: 'cdn' });
    const opening = failure(fetchFile(context, file));
    server.addRepo('org/name', { 'w.bin': noise(SIZE, 2) }, { commit: file.url.split('/').at(-2)! });
    expect((await opening).code).toBe('integrity');
  });

  it('from a server without Range starts over and is whole', async () => {
    server.inject({ kind: 'cut', on: 'cdn' });
    server.inject({ kind: 'no-range', on: 'cdn' });
    await expectWhole();
  });

  it('that is compressed on the way is whole, and its progress counts what it is, not what travelled', async () => {
    server.inject({ kind: 'gzip', on: 'cdn' });
    await expectWhole();
    for (const { loaded, total } of context.reports) expect(loaded).toBeLessThanOrEqual(total);
    expect(context.reports.at(-1)).toMatchObject({ loaded: SIZE, total: SIZE });
    context = testContext();
    server.inject({ kind: 'cut', on: 'cdn' });
    server.inject({ kind: 'gzip', on: 'cdn' });
    await expectWhole();
  });

  it('of unknown size and hash, without Content-Length, is whole', async () => {
    const { path, url } = file;
    server.inject({ kind: 'no-length', on: 'cdn' });
    expectSame((await fetchFile(context, { path, url, key: 'x' })).bytes, bytes);
  });
});

describe('an abort', () => {
  it('keeps what was downloaded', async () => {
    const controller = new AbortController();
    const { store } = context;
    server.inject({ kind: 'stall', on: 'cdn', at: 0.8 });
    const aborting = testContext({ store, signal: controller.signal });
    const opening = failure(fetchFile(aborting, file));
    await server.stalled();
    await seen(() => aborting.reports.at(-1)!.loaded > CHUNK);
    controller.abort();
    expect((await opening).code).toBe('aborted');
    const kept = await store.readChunks(file.key, () => {});
    expect(kept).toBeGreaterThan(CHUNK);
    server.log.length = 0;
    await expectWhole();
    expect(starts()).toEqual([kept]);
  });

  it('before the start sends nothing', async () => {
    const ctx = testContext({ signal: AbortSignal.abort() });
    expect((await failure(fetchFile(ctx, file))).code).toBe('aborted');
    expect(server.log).toEqual([]);
  });
});

describe('a full disk', () => {
  /** Has room for `room` chunks. */
  function fullAfter(room: number): { store: ModelStore; kv: KeyValue; enlarge(): void } {
    const kv = memoryKeyValue(true);
    let left = room;
    const setMany: KeyValue['setMany'] = async (entries) => {
      if (entries[0]?.[0][0] === 'c' && left-- <= 0) throw new VerseletError('quota', 'full');
      return kv.setMany(entries);
    };
    return { store: new ModelStore({ ...kv, setMany }, new ManualClock()), kv, enlarge: () => (left = 99) };
  }

  it('in the middle of a file is quota; what was stored stays, and serves when there is room again', async () => {
    const { store, enlarge } = fullAfter(1);
    expect((await failure(fetchFile(testContext({ store }), file))).code).toBe('quota');
    expect(await store.readChunks(file.key, () => {})).toBe(CHUNK);
    enlarge();
    server.log.length = 0;
    await expectWhole(testContext({ store }));
    expect(starts()).toEqual([CHUNK]);
  });

  it('does not stop a download that may go on in memory', async () => {
    const { store } = fullAfter(1);
    const result = await fetchFile({ ...testContext({ store }), onWriteFailure: 'memory' }, file);
    expectSame(result.bytes, bytes);
    expect(result.notKept?.code).toBe('quota');
    const passing = { ...testContext({ store: fullAfter(1).store }), onWriteFailure: 'memory' as const };
    const { source, sha256: hash } = await fetchSource(passing, file);
    expect(hash).toBe(file.sha256);
    expectSame(await source.read(CHUNK - 5, CHUNK + 10), bytes.subarray(CHUNK - 5, 2 * CHUNK + 5));
  });
});

describe('a source of half a gigabyte, in small', () => {
  it('passes through the store, resumes, and is read at random', async () => {
    server.inject({ kind: 'cut', on: 'cdn', at: 0.6 });
    server.inject({ kind: 'status', on: 'hub', match: 'w.bin', status: 401 });
    server.inject({ kind: 'cut', on: 'cdn', at: 0.1 });
    expect((await failure(fetchSource(context, file))).code).toBe('hub-refused');
    const { source, sha256: hash } = await fetchSource(testContext({ store: context.store }), file);
    expect(hash).toBe(file.sha256);
    expect(source.size).toBe(SIZE);
    for (const [at, length] of [
      [0, 8],
      [CHUNK - 1, 2],
      [5, SIZE - 5],
      [SIZE - 3, 3],
      [7, 0],
    ] as const) {
      expectSame(await source.read(at, length), bytes.subarray(at, at + length));
    }
    expect((await failure(source.read(SIZE - 1, 2))).code).toBe('unsupported-model');
  });
});
