/** Firefox through WebDriver BiDi, where it is installed: on the CPU, and on WebGPU where there is a Vulkan driver (Mesa's will do). */

import type { Browser } from 'puppeteer-core';
import { firefox, leftOut } from '../bin/browsers.mjs';
import { launchFirefox, visitFirefox } from './browsers/firefox.ts';
import { composeAndKeep, selfTest } from './browsers/visit.ts';
import { expect, test } from './fixtures.ts';

test.skip(firefox() === undefined, leftOut('Firefox on WASM'));

let browser: Browser;
test.beforeAll(async () => {
  browser = await launchFirefox(firefox()!);
});
test.afterAll(() => browser?.close());

const RUNS = [
  { device: 'wasm', without: leftOut('Firefox on WASM'), query: 'form=couplets&lines=4&seed=4', lines: 4 },
  // A software adapter takes half a second for a token.
  { device: 'webgpu', without: leftOut('Firefox on WebGPU'), query: 'device=webgpu&model=verse-nano&form=free&lines=1&title=Rain&seed=4', lines: 1, drafts: 1 },
] as const;

for (const { device, without, query, lines, ...wish } of RUNS) {
  test(`Firefox opens the page, says what the model's card says, composes on ${device} and keeps the poem`, async ({ origins }) => {
    test.skip(without !== undefined, without);
    const visit = await visitFirefox(browser);
    const { device: used, said, expected } = await selfTest(visit, origins.site, device);
    expect([used, said]).toEqual([device, expected]);
    const poem = await composeAndKeep(visit, { url: `${origins.site}?${query}`, picture: test.info().outputPath('poem.png'), ...wish });
    expect(poem).toMatchObject({ device, seed: 4 });
    expect(poem.stanzas.flat()).toHaveLength(lines);
    expect(visit.errors()).toEqual([]);
    await visit.close();
  });
}
