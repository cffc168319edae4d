/** Browsers that lack a part of WebAssembly, by V8's own switches. */

import { chromium } from 'playwright/test';
import { composeIn, expect, test } from './fixtures.ts';

const LACKS = {
  // V8 gives WebAssembly SIMD only where the processor has SSE 4.1 or can be made to do without.
  'WebAssembly SIMD': { flag: '--no-enable-sse4-1 --no-wasm-simd-ssse3-codegen', says: /SIMD/ },
  WebAssembly: { flag: '--jitless --no-wasm-jitless', says: /WebAssembly/ },
};

for (const [what, { flag, says }] of Object.entries(LACKS)) {
  test(`fault: a browser without ${what} is no-device, and is told what is missing`, async ({ origins }, info) => {
    const { executablePath, args = [] } = info.project.use.launchOptions ?? {};
    const browser = await chromium.launch({ executablePath, args: [...args, `--js-flags=${flag}`] });
    const page = await browser.newPage();
    await page.goto(origins.site);
    const outcome = await composeIn(page, { entry: `${origins.site}embed/verselet.js`, request: { lines: 2, seed: 1 } });
    expect(outcome).toMatchObject({ error: { code: 'no-device', message: expect.stringMatching(says) } });
    await browser.close();
  });
}
