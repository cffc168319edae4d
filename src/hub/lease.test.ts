import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HubServer } from '../../e2e/hub-server.ts';
import { startHub } from '../../e2e/hub-server.ts';
import type { RemoteFile } from './download.ts';
import { fetchFile } from './download.ts';
import { fileUrl } from './hub-api.ts';
import type { Locks } from './lease.ts';
import { withLease } from './lease.ts';
import { CHUNK } from './store.ts';
import { failure, noise, sha256, testContext } from './testing.ts';

/** Web Locks of one browser, in small. */
class TestLocks implements Locks {
  readonly #tails = new Map<string, Promise<unknown>>();

  async request<T>(name: string, options: { signal?: AbortSignal }, run: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    const aborted = new Promise<never>((_, reject) => {
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
    });
    const turn = Promise.race([before.catch(() => undefined), aborted]).then(run);
    this.#tails.set(name, Promise.all([before.catch(() => undefined), turn.catch(() => undefined)]));
    return turn;
  }
}

let server: HubServer;
let file: RemoteFile;
const bytes = noise(CHUNK + 99);
beforeAll(async () => {
  server = await startHub();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
  const commit = server.addRepo('org/name', { 'w.bin': bytes });
  const hash = sha256(bytes);
  const url = fileUrl(server.url, 'org/name', commit, 'w.bin');
  file = { path: 'w.bin', url, key: `sha256-${hash}`, size: bytes.byteLength, sha256: hash };
});

describe('tabs at once', () => {
  it.each([2, 5])('%d tabs download a file once', async (count) => {
    const { store } = testContext();
    const locks = new TestLocks();
    const all = Array.from({ length: count }, () => fetchFile(testContext({ store, locks }), file));
    for (const { sha256: hash } of await Promise.all(all)) expect(hash).toBe(file.sha256);
    expect(server.requests('/blobs/')).toHaveLength(1);
  });

  it('without Web Locks both are right, at twice the bytes', async () => {
    const { store } = testContext();
    const all = [fetchFile(testContext({ store }), file), fetchFile(testContext({ store }), file)];
    for (const { sha256: hash } of await Promise.all(all)) expect(hash).toBe(file.sha256);
    expect(sha256((await fetchFile(testContext({ store }), file)).bytes)).toBe(file.sha256);
  });

  it('the second goes on when the first is stopped', async () => {
    const { store } = testContext();
    const locks = new TestLocks();
    const controller = new AbortController();
    server.inject({ kind: 'stall', on: 'cdn' });
    const first = failure(fetchFile(testContext({ store, locks, signal: controller.signal }), file));
    await server.stalled();
    const second = fetchFile(testContext({ store, locks }), file);
    controller.abort();
    expect((await first).code).toBe('aborted');
    expect((await second).sha256).toBe(file.sha256);
  });

  it('one that waits can be stopped', async () => {
    const { store } = testContext();
    const locks = new TestLocks();
    const controller = new AbortController();
    server.inject({ kind: 'stall', on: 'cdn' });
    const first = testContext({ store, locks });
    const loading = fetchFile(first, file);
    await server.stalled();
    const second = failure(fetchFile(testContext({ store, locks, signal: controller.signal }), file));
    controller.abort();
    expect((await second).code).toBe('aborted');
    first.clock.advance(30_000);
    expect((await loading).sha256).toBe(file.sha256);
  });
});

describe('withLease', () => {
  it('works with locks that refuse to work, and does not run twice when the work fails', async () => {
    const broken: Locks = { request: () => Promise.reject(new DOMException('', 'SecurityError')) };
    expect(await withLease(broken, 'x', undefined, async () => 7)).toBe(7);
    let runs = 0;
    const work = (): Promise<never> => {
      runs += 1;
      return Promise.reject(new Error('work'));
    };
    await expect(withLease(new TestLocks(), 'x', undefined, work)).rejects.toThrow('work');
    expect(runs).toBe(1);
  });
});
