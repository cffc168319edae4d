/** A decoder that keeps its logits on the GPU must say what one that reads them says, and read less. */
import { build, type Rolldown } from 'vite';
import { expect, test } from './fixtures.ts';
import type { answers, costs, decoded, kernels } from './webgpu/page.ts';

declare const gpuLogits: { kernels: typeof kernels; answers: typeof answers; decoded: typeof decoded; costs: typeof costs };

let script: string;

test.beforeAll(async () => {
  const options = { write: false, target: 'es2022', rolldownOptions: { input: 'e2e/webgpu/page.ts' } };
  const { output } = (await build({ configFile: false, logLevel: 'error', publicDir: false, build: options })) as Rolldown.RolldownOutput;
  script = output[0].code;
});

test.beforeEach(async ({ page, origins: { elsewhere } }) => {
  elsewhere.pages.set('/logits.js', { html: script, headers: { 'Content-Type': 'text/javascript' } });
  await page.goto(elsewhere.url);
  await page.addScriptTag({ type: 'module', url: `${elsewhere.url}logits.js` });
  await page.waitForFunction(() => 'gpuLogits' in globalThis);
});

for (const [software, what] of [[true, 'a software adapter'], [false, 'a GPU']] as const) {
  test(`the kernels for ${what} compute what plain TypeScript does`, async ({ page }) => {
    const differences = await page.evaluate((software) => gpuLogits.kernels(software), software);
    expect(differences.filter((difference) => !(difference < 1e-3))).toEqual([]);
  });
}

for (const [name, what] of [['small', 'a vocabulary that no workgroup divides'], ['wide', "GPT-2's vocabulary"]] as const) {
  test(`the GPU tells the truth about its logits: ${what}`, async ({ page }) => {
    const answers = await page.evaluate((name) => gpuLogits.answers(name), name);
    expect(answers.map(({ wrong }) => wrong)).toEqual(answers.map(() => []));
    expect(answers.filter(({ listed, complete }) => listed > 0 && !complete)).toHaveLength(3);
  });
}

test('decoding by questions gives the tokens that decoding by logits gives: greedy, masks, biases, top-k, top-p', async ({ page }) => {
  const { read, asked } = await page.evaluate(() => gpuLogits.decoded());
  expect(asked.map(({ tokens }) => tokens)).toEqual(read.map(({ tokens }) => tokens));
  for (const [row, { logProbs }] of read.entries()) {
    for (const [i, logProb] of logProbs.entries()) expect(asked[row]!.logProbs[i]).toBeCloseTo(logProb, 4);
  }
});

test('a step reads at most 1 kB a row and creates no buffer', async ({ page }) => {
  const { layers, dispatches, buffersCreated, bytesPerRow, rowsRead } = await page.evaluate(() => gpuLogits.costs());
  expect(dispatches).toBeLessThanOrEqual(6 * layers + 4);
  expect(buffersCreated).toBe(0);
  expect(bytesPerRow).toBeGreaterThan(0);
  expect(bytesPerRow).toBeLessThanOrEqual(1000);
  expect(rowsRead).toBe(0);
});
