/**
 * A random walk over the real page, by fast-check's commands. In every run a short one; `VERSELET_SOAK=1`: twenty minutes,
 * or `VERSELET_WALK_MINUTES`. The seed is printed; `VERSELET_WALK_SEED` walks the same way again.
 */

import * as fc from 'fast-check';
import { expect, test } from './fixtures.ts';
import { type HubServer, readFolder, startHub } from './hub-server.ts';
import { type Tally, stepsOf } from './walk-commands.ts';
import { HUB_MODEL, startOfWalk } from './walk-model.ts';
import { Walker } from './walk-page.ts';

const MINUTES = Number(process.env.VERSELET_WALK_MINUTES ?? (process.env.VERSELET_SOAK ? 20 : 0));
const SEED = Number(process.env.VERSELET_WALK_SEED ?? Date.now() % 2 ** 31);
const SHORT = { runs: 3, steps: 60 };
const LONG = { runs: 10_000, steps: 200 };

let hub: HubServer;
test.beforeAll(async () => {
  hub = await startHub();
  const { 'config.json': config, 'tokenizer.json': tokenizer, 'tokenizer_config.json': more, 'model.safetensors': weights } = readFolder('public/models/verse-nano');
  hub.addRepo(HUB_MODEL, { 'config.json': config!, 'tokenizer.json': tokenizer!, 'tokenizer_config.json': more!, 'model.safetensors': weights! }, { license: 'mit' });
});
test.afterAll(() => hub.stop());

test('a random walk over the page: nothing is lost, one download at a time, the button means what it says', async ({ browser, origins }) => {
  test.setTimeout((MINUTES + 8) * 60_000);
  const { runs, steps } = MINUTES ? LONG : SHORT;
  const tally: Tally = new Map();
  let walks = 0;
  let longest = 0;
  console.log(`Random walk, seed ${SEED}`);
  const walk = fc.asyncProperty(fc.commands(stepsOf(tally), { maxCommands: steps, size: 'max' }), async (commands) => {
    hub.reset();
    const walker = await new Walker(await browser.newContext(), origins.site, hub).open();
    walks += 1;
    try {
      await fc.asyncModelRun(() => ({ model: startOfWalk(), real: walker }), commands);
    } finally {
      longest = Math.max(longest, walker.longest);
      await walker.close();
    }
  });
  await fc.assert(walk, {
    seed: SEED,
    numRuns: runs,
    endOnFailure: true,
    unbiased: true,
    ...(MINUTES && { interruptAfterTimeLimit: MINUTES * 60_000 }),
  });
  const taken = [...tally.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${taken} steps in ${walks} walks (${[...tally].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`).join(', ')}); longest task of the page ${Math.round(longest)} ms`);
  expect(taken).toBeGreaterThan(walks);
  // A shared machine may stall for a moment; a page that hangs is another thing.
  expect(longest).toBeLessThan(1_000);
});
