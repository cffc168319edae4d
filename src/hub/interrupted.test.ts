import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HubServer } from '../../e2e/hub-server.ts';
import { startHub } from '../../e2e/hub-server.ts';
import { VerseletError } from '../errors.ts';
import { fetchFile } from './download.ts';
import { fileUrl } from './hub-api.ts';
import { CHUNK } from './store.ts';
import { noise, sha256, testContext } from './testing.ts';

const SIZE = 3 * CHUNK + 4321;
const INTERRUPTIONS = 20;
let server: HubServer;
beforeAll(async () => {
  server = await startHub();
});
afterAll(() => server.stop());

const interruption = fc.record({
  kind: fc.constantFrom('cut' as const, 'abort' as const, 'short' as const),
  at: fc.double({ min: 0, max: 0.3, noNaN: true }),
});

describe('a download interrupted 20 times at random', () => {
  it('completes with the right hash; no byte is fetched twice, but for one chunk an interruption', async () => {
    const bytes = noise(SIZE);
    const hash = sha256(bytes);
    const commit = server.addRepo('org/name', { 'w.bin': bytes });
    const url = fileUrl(server.url, 'org/name', commit, 'w.bin');
    const file = { path: 'w.bin', url, key: `sha256-${hash}`, size: SIZE, sha256: hash };
    const faults = fc.array(interruption, { minLength: INTERRUPTIONS, maxLength: INTERRUPTIONS });
    await fc.assert(
      fc.asyncProperty(faults, async (list) => {
        server.reset();
        const { store } = testContext();
        for (const { kind, at } of list) server.inject({ kind: kind === 'abort' ? 'stall' : kind, on: 'cdn', at });
        let controller = new AbortController();
        const abortStalls = (): Promise<void> => server.stalled().then(() => (controller.abort(), abortStalls()));
        void abortStalls();
        let result: string | undefined;
        for (let visit = 0; result === undefined && visit <= INTERRUPTIONS; visit += 1) {
          controller = new AbortController();
          try {
            result = (await fetchFile(testContext({ store, signal: controller.signal }), file)).sha256;
          } catch (error) {
            expect(error).toBeInstanceOf(VerseletError);
          }
        }
        expect(result).toBe(hash);
        const requests = server.log.filter((entry) => entry.server === 'cdn');
        expect(requests).toHaveLength(INTERRUPTIONS + 1);
        const starts = requests.map((entry) => entry.from);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
        requests.slice(0, -1).forEach((entry, i) => {
          expect(entry.from + entry.sent - starts[i + 1]!).toBeLessThanOrEqual(CHUNK);
        });
      }),
      { numRuns: 5 },
    );
  });
});
