import { expect, it } from 'vitest';
import { Arena } from './arena.ts';
import { compileKernels, instantiateKernels } from './instantiate.ts';

it('gelu is within 4e-7 of the exact value, relative to what it is a part of', async () => {
  const arena = new Arena();
  const kernels = await instantiateKernels(arena.memory, await compileKernels(false));
  const xs = Float32Array.from({ length: 40_000 }, (_, i) => (i - 20_000) / 1000);
  const at = arena.store(xs);
  kernels.gelu(at, 0, 1, xs.length);
  const found = arena.floats(at, xs.length);
  let worst = 0;
  for (const [i, x] of xs.entries()) {
    const exact = 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    worst = Math.max(worst, Math.abs(found[i]! - exact) / Math.max(0.1, Math.abs(x)));
  }
  expect(worst).toBeLessThan(4e-7);
});

it('gelu has the right limits', async () => {
  const arena = new Arena();
  const kernels = await instantiateKernels(arena.memory, await compileKernels(false));
  const at = arena.store(Float32Array.of(-1e20, -100, 100, 1e20));
  kernels.gelu(at, 0, 1, 4);
  const [a, b, c, d] = arena.floats(at, 4);
  expect([Math.abs(a!) < 1e-15, Math.abs(b!) < 1e-15, c, d]).toEqual([true, true, 100, Math.fround(1e20)]);
});
