/** Workers and CPUs that fail, in a browser without a GPU. */

import { type FaultSite, NO_MEMORY, type WorkerFault, crashAfterLine, hangAfterLine, startFaultSite, toldIn, writeIn } from './fault-site.ts';
import { composeIn, expect, test } from './fixtures.ts';
import { readFolder, startHub } from './hub-server.ts';

let site: FaultSite;
test.beforeAll(async () => {
  site = await startFaultSite();
});
test.afterAll(() => site.close());

const given = (...faults: WorkerFault[]) => Object.assign(site, { workers: faults, started: 0 });

test('fault: the worker crashes in the middle of a poem, which goes on as if nothing had happened; a second crash ends it', async ({ page }) => {
  given({});
  const sound = await writeIn(page, site);
  given({ before: crashAfterLine(2) });
  const once = await writeIn(page, site);
  expect(once).toMatchObject({ text: sound.text, told: sound.told, device: 'wasm' });
  expect(once.replacedAfter).toHaveLength(1);
  expect(site.started).toBe(2);

  given({ before: crashAfterLine(1) }, { before: crashAfterLine(2) });
  const twice = await writeIn(page, site, { again: true });
  expect(twice.error).toMatchObject({ code: 'device-lost', message: expect.stringContaining('crashed on purpose') });
  expect(twice.told).toEqual(sound.told.slice(0, twice.told.length));
  expect(twice.again).toBe(sound.text);
});

test('fault: the worker hangs in the middle of a poem; after a minute of silence a new one goes on as if nothing had happened', async ({ page }) => {
  given({});
  const sound = await writeIn(page, site);
  given({ before: hangAfterLine(2) });
  await page.clock.install();
  const writing = writeIn(page, site);
  await expect.poll(() => toldIn(page)).toBe(2);
  // The page's own minute, not ours: the worker is blocked in truth, only the waiting is shortened.
  await page.clock.runFor(70_000);
  expect(await writing).toMatchObject({ text: sound.text, told: sound.told, replacedAfter: [2], device: 'wasm' });
  expect(site.started).toBe(2);
});

test('fault: no adapter where WebGPU was asked for is no-device', async ({ page }) => {
  given({});
  const { error } = await writeIn(page, site, { device: 'webgpu' });
  expect(error).toMatchObject({ code: 'no-device', message: expect.stringContaining('WebGPU') });
});

const UNSTARTED: Record<string, WorkerFault> = {
  'is missing (404)': { status: 404 },
  'is a web page': { headers: { 'content-type': 'text/html' }, script: '<!doctype html>' },
  'does not parse': { script: 'this is no script' },
};

for (const [name, fault] of Object.entries(UNSTARTED)) {
  test(`fault: a worker script that ${name} is no-device at once`, async ({ page }) => {
    given(fault, fault);
    const { error } = await writeIn(page, site, { device: 'auto' });
    expect(error).toMatchObject({ code: 'no-device', message: 'The worker did not start.' });
  });
}

test('fault: a policy without wasm-unsafe-eval is no-device, and the hint names what is missing', async ({ page }) => {
  given({ headers: { 'content-security-policy': "script-src 'self'" } });
  const { error } = await writeIn(page, site);
  expect(error).toMatchObject({ code: 'no-device', hint: expect.stringContaining('wasm-unsafe-eval') });
});

test('fault: a site without the file of ONNX Runtime is no-device, which names the file; the models of our own need none', async ({ page }) => {
  const hub = await startHub();
  const { 'tokenizer.json': tokenizer } = readFolder('public/models/verse-nano');
  const config = { model_type: 'gpt2', n_layer: 1, n_head: 2, n_embd: 8, vocab_size: 4096, n_positions: 64 };
  hub.addRepo('org/graph', { 'config.json': new TextEncoder().encode(JSON.stringify(config)), 'tokenizer.json': tokenizer!, 'onnx/model_quantized.onnx': new Uint8Array(5000) });
  given({});
  site.missing = /\/ort-wasm[^/]*\.wasm$/;
  await page.goto(site.blank);
  const call = { entry: `${site.url}embed/verselet.js`, device: 'wasm' as const, request: { lines: 2, seed: 1 } };
  expect(await composeIn(page, { ...call, model: 'org/graph', hub: hub.url })).toMatchObject({ error: { code: 'no-device', message: expect.stringContaining('.wasm') } });
  expect(await composeIn(page, call)).toMatchObject({ poem: { device: 'wasm' } });
  site.missing = undefined;
  expect(await composeIn(page, { ...call, model: 'org/graph', hub: hub.url })).toMatchObject({ error: { code: 'unsupported-model' } });
  await hub.stop();
});

test('fault: a CPU without memory for the model is out-of-memory', async ({ page }) => {
  given({ before: NO_MEMORY });
  const { error } = await writeIn(page, site);
  expect(error).toMatchObject({ code: 'out-of-memory', hint: expect.stringMatching(/smaller model/) });
});
