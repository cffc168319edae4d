/** A GPU that fails before and in the middle of a poem: Chromium's software adapter, made to fail inside the worker. */

import type { WorkerFault } from './fault-site.ts';
import { type FaultSite, NO_GPU_DEVICE, NO_SHADERS, PASS_FOR_GPU, crashAfterLine, loseGpuAfterLine, startFaultSite, writeIn } from './fault-site.ts';
import { expect, test } from './fixtures.ts';

let site: FaultSite;
test.beforeAll(async () => {
  site = await startFaultSite();
});
test.afterAll(() => site.close());

const given = (...faults: WorkerFault[]) => Object.assign(site, { workers: faults, started: 0 });

test('fault: the GPU is lost in the middle of a poem, which goes on on the CPU from the line it had reached', async ({ page }) => {
  given({ before: loseGpuAfterLine(2) });
  const written = await writeIn(page, site, { device: 'webgpu' });
  expect(written.error).toBeUndefined();
  expect(written.told).toHaveLength(4);
  expect(written.text!.split(/\n+/)).toEqual(written.told);
  expect(written.replacedAfter).toHaveLength(1);
  expect(written.replacedAfter[0]).toBeGreaterThanOrEqual(2);
  expect(written.replacedAfter[0]).toBeLessThan(4);
  expect(written).toMatchObject({ device: 'wasm', why: expect.stringMatching(/the GPU failed/i) });
  expect(site.started).toBe(2);
});

test('fault: the GPU is lost, and then the CPU worker crashes: the poem ends with device-lost, the next one is written', async ({ page }) => {
  given({ before: loseGpuAfterLine(1) }, { before: crashAfterLine(2) });
  const written = await writeIn(page, site, { device: 'webgpu', again: true });
  expect(written.error).toMatchObject({ code: 'device-lost', hint: expect.stringMatching(/\S/) });
  expect(written.told.length).toBeGreaterThanOrEqual(1);
  expect(written.again).toMatch(/\S/);
});

for (const [name, fault] of [['gives no device', NO_GPU_DEVICE], ['refuses the shaders', NO_SHADERS]] as const) {
  test(`fault: a GPU that ${name} is left for the CPU, with the reason`, async ({ page }) => {
    given({ before: PASS_FOR_GPU + fault }, { before: PASS_FOR_GPU });
    const written = await writeIn(page, site, { device: 'auto' });
    expect(written).toMatchObject({ device: 'wasm', why: expect.stringMatching(/the GPU failed/i) });
    expect(written.told).toHaveLength(4);
  });
}
