import { composeIn, expect, poemOf, test } from './fixtures.ts';

/** What the packed embedded model must say, greedily, on every device. */
async function greedyIn(page: Parameters<typeof composeIn>[0], entry: string, options: { device: 'webgpu' | 'wasm'; precision: 'packed' | 'source' }, count: number) {
  return page.evaluate(
    async ({ entry, options, count }) => {
      const { engine } = (await import(entry)) as typeof import('../src/embed.ts');
      const model = await engine.open(options);
      const tokens = await model.greedy([...model.encode(''), 4061, 4071, 4063], count);
      const device = model.device;
      await model.dispose();
      return { tokens, device };
    },
    { entry, options, count },
  );
}

for (const precision of ['packed', 'source'] as const) {
  test(`the same greedy tokens on WebGPU and WASM, ${precision}`, async ({ page, origins }) => {
    await page.goto(origins.site);
    const entry = `${origins.site}embed/verselet.js`;
    const gpu = await greedyIn(page, entry, { device: 'webgpu', precision }, 12);
    const cpu = await greedyIn(page, entry, { device: 'wasm', precision }, 12);
    expect(gpu.device.kind).toBe('webgpu');
    expect(cpu.device.kind).toBe('wasm');
    expect(gpu.tokens).toEqual(cpu.tokens);
  });
}

test('a two-line poem on WebGPU, the same on the next try', async ({ page, origins }) => {
  await page.goto(origins.site);
  const call = { entry: `${origins.site}embed/verselet.js`, device: 'webgpu' as const, request: { form: 'couplets' as const, lines: 2, seed: 4, candidates: 1, title: 'Test' } };
  const poem = poemOf(await composeIn(page, call));
  expect(poem.device).toBe('webgpu');
  expect(poem.stanzas.flat()).toHaveLength(2);
  expect(poemOf(await composeIn(page, call)).text).toBe(poem.text);
});
