/** WebKitGTK, where it is installed: it has no WebGPU and no SharedArrayBuffer, also where the page is isolated. */

import { leftOut, webkit } from '../bin/browsers.mjs';
import { composeAndKeep, selfTest, type Visit } from './browsers/visit.ts';
import { visitWebKit } from './browsers/webkit.ts';
import { expect, test } from './fixtures.ts';

test.skip(webkit() === undefined, leftOut('WebKitGTK on WASM'));

let visit: Visit;
test.beforeAll(async () => {
  visit = await visitWebKit(webkit()!);
});
test.afterAll(() => visit?.close());

test("WebKitGTK opens the page, says what the model's card says, composes on wasm and keeps the poem", async ({ origins }) => {
  const { device, said, expected } = await selfTest(visit, origins.site, 'wasm');
  expect([device, said]).toEqual(['wasm', expected]);
  const poem = await composeAndKeep(visit, { url: `${origins.site}?form=couplets&lines=4&seed=4`, picture: test.info().outputPath('poem.png') });
  expect(poem).toMatchObject({ device: 'wasm', seed: 4 });
  expect(poem.stanzas.flat()).toHaveLength(4);
  expect(visit.errors()).toEqual([]);
});
