import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setFlagsFromString } from 'node:v8';
import { quantize } from '../../convert/quantize.ts';
import type { DenseMatrix, Gpt2Config, Gpt2Weights, Linear, Matrix } from '../../convert/types.ts';
import { randomWeights, TINY_CONFIG } from '../random-weights.ts';
import { ReferenceBackend } from '../reference-backend.ts';
import { relaxedSimdAgrees, relaxedSimdPays } from './agreement.ts';
import { createWasmBackend } from './backend.ts';
import { hasRelaxedSimd } from './instantiate.ts';

const SHAPES = fc
  .record({
    layers: fc.integer({ min: 1, max: 3 }),
    heads: fc.integer({ min: 1, max: 4 }),
    headDim: fc.constantFrom(3, 8, 12, 20, 32, 64),
    inner: fc.integer({ min: 5, max: 140 }),
    vocab: fc.integer({ min: 2, max: 90 }),
  })
  .map(({ heads, headDim, ...rest }): Gpt2Config => {
    return { ...rest, heads, width: heads * headDim, context: 40, layerNormEpsilon: 1e-5 };
  });

/** `length` ids below `vocab` that depend on `seed` alone. */
function ids(length: number, vocab: number, seed = 1): Int32Array {
  return Int32Array.from({ length }, (_, i) => (i * i * 7 + i * seed * 13 + seed) % vocab);
}

function greatestGap(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((gap, value, i) => Math.max(gap, Math.abs(value - b[i]!)), 0);
}

describe('forward', () => {
  it('computes what the reference computes, for any shape', async () => {
    await fc.assert(
      fc.asyncProperty(SHAPES, fc.integer({ min: 1, max: 1000 }), async (config, seed) => {
        const weights = randomWeights(config, seed);
        const reference = new ReferenceBackend(weights);
        const backend = await createWasmBackend(weights);
        const prompt = ids(19, config.vocab, seed);
        const expected = await reference.forward(prompt, { all: true });
        expect(greatestGap(await backend.forward(prompt, { all: true }), expected)).toBeLessThan(1e-3);
        const next = ids(1, config.vocab, seed + 1);
        expect(greatestGap(await backend.forward(next), await reference.forward(next))).toBeLessThan(1e-3);
      }),
      { numRuns: 25 },
    );
  });

  it('gives the same bits in chunks, in passes and one by one', async () => {
    const weights = randomWeights({ ...TINY_CONFIG, context: 120 });
    const prompt = ids(100, TINY_CONFIG.vocab);
    const whole = await createWasmBackend(weights);
    const expected = (await whole.forward(prompt, { all: true })).slice();
    const parts = await createWasmBackend(weights);
    for (const [from, to] of [[0, 1], [1, 2], [2, 4], [4, 9], [9, 33], [33, 100]] as const) {
      const logits = await parts.forward(prompt.subarray(from, to), { all: true });
      expect(logits).toEqual(expected.subarray(from * weights.config.vocab, to * weights.config.vocab));
    }
    const last = await createWasmBackend(weights);
    expect(await last.forward(prompt)).toEqual(expected.subarray(-weights.config.vocab));
  });

  it('gives every row of a batch the bits it would have alone', async () => {
    const weights = randomWeights();
    const { vocab } = weights.config;
    for (const rows of [2, 3, 5, 8]) {
      const batch = await createWasmBackend(weights);
      await batch.select(Array.from({ length: rows }, () => 0), 0);
      const tokens = ids(rows * 6, vocab);
      const logits = await batch.forward(tokens, { all: true });
      for (let row = 0; row < rows; row++) {
        const single = await createWasmBackend(weights);
        const expected = await single.forward(tokens.slice(row * 6, row * 6 + 6), { all: true });
        expect(logits.subarray(row * 6 * vocab, (row + 1) * 6 * vocab)).toEqual(expected);
      }
    }
  });

  it('refuses what cannot be computed and stays usable', async () => {
    const backend = await createWasmBackend(randomWeights());
    await expect(backend.forward(Int32Array.of(64))).rejects.toMatchObject({ code: 'bad-request' });
    await expect(backend.forward(new Int32Array(49))).rejects.toMatchObject({ code: 'bad-request' });
    await expect(backend.select([1], 0)).rejects.toMatchObject({ code: 'bad-request' });
    await backend.forward(new Int32Array(48));
    expect(backend.length).toBe(48);
    await backend.dispose();
    await expect(backend.forward(Int32Array.of(0))).rejects.toMatchObject({ code: 'device-lost' });
  });
});

/** `weights` with every matrix quantized. */
function quantized(weights: Gpt2Weights, bits: 4 | 8, block = 32): Gpt2Weights {
  const matrix = (source: Matrix): Matrix => quantize(source as DenseMatrix, bits, block);
  const linear = ({ weight, bias }: Linear): Linear => ({ weight: matrix(weight), bias });
  return {
    ...weights,
    wte: matrix(weights.wte),
    layers: weights.layers.map((layer) => ({
      ...layer,
      qkv: linear(layer.qkv),
      proj: linear(layer.proj),
      up: linear(layer.up),
      down: linear(layer.down),
    })),
  };
}

/** Switches on relaxed SIMD, which Node 20 still hides; its baseline compiler gets the dot product wrong. */
function allowRelaxedSimd(): void {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  setFlagsFromString('--no-liftoff');
  expect(hasRelaxedSimd()).toBe(true);
}

describe('quantized matrices', () => {
  it('compute what the reference computes from the same 4-bit or 8-bit weights, for any shape', async () => {
    const block = fc.constantFrom(16, 32, 64);
    await fc.assert(
      fc.asyncProperty(SHAPES, fc.constantFrom(4, 8), block, async (config, bits, block) => {
        const weights = quantized(randomWeights(config), bits as 4 | 8, block);
        const reference = new ReferenceBackend(weights);
        const backend = await createWasmBackend(weights);
        const prompt = ids(9, config.vocab);
        const expected = await reference.forward(prompt, { all: true });
        expect(greatestGap(await backend.forward(prompt, { all: true }), expected)).toBeLessThan(bits === 4 ? 2e-3 : 6e-3);
      }),
      { numRuns: 25 },
    );
  });

  it('give the same bits in a batch, in chunks and with relaxed SIMD', async () => {
    allowRelaxedSimd();
    expect(await relaxedSimdAgrees()).toBe(true);
    for (const bits of [4, 8] as const) {
      const weights = quantized(randomWeights({ ...TINY_CONFIG, width: 72, inner: 200 }), bits);
      const { vocab } = weights.config;
      const single = await createWasmBackend(weights, { relaxed: false });
      const tokens = ids(12, vocab);
      const expected: number[] = [];
      for (const token of tokens) expected.push(...(await single.forward(Int32Array.of(token))));
      for (const relaxed of [false, true]) {
        const backend = await createWasmBackend(weights, { relaxed });
        expect([...(await backend.forward(tokens, { all: true }))]).toEqual(expected);
        await backend.select([0, 0, 0, 0, 0], 0);
        const batch = await backend.forward(Int32Array.from([...tokens, ...tokens, ...tokens, ...tokens, ...tokens]));
        for (let row = 0; row < 5; row++) {
          expect([...batch.subarray(row * vocab, (row + 1) * vocab)]).toEqual(expected.slice(-vocab));
        }
      }
    }
  });
});

describe('relaxed SIMD', () => {
  /** A clock by which every other timed run, first of base SIMD, takes so long. */
  function clock(base: number, relaxed: number): () => number {
    const ticks = [0, base, 0, relaxed];
    let at = 0;
    return () => ticks[at++ % ticks.length]!;
  }

  it('is taken where it is not the slower one', async () => {
    allowRelaxedSimd();
    expect(await relaxedSimdPays(clock(2, 1))).toBe(true);
    expect(await relaxedSimdPays(clock(1, 2))).toBe(false);
    // A clock that stands still.
    expect(await relaxedSimdPays(clock(0, 0))).toBe(true);
  });
});

describe('select', () => {
  it('forks, cuts, reorders and empties like the reference', async () => {
    const weights = randomWeights();
    const { vocab } = weights.config;
    const operation = fc.oneof(
      fc.record({ steps: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ from: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 6 }), cut: fc.nat({ max: 20 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 10 }), async (operations) => {
        const reference = new ReferenceBackend(weights);
        const backend = await createWasmBackend(weights);
        for (const [index, step] of operations.entries()) {
          if ('steps' in step) {
            const steps = Math.min(step.steps, backend.context - backend.length);
            if (steps === 0) continue;
            const tokens = ids(steps * backend.rows, vocab, index + 1);
            expect(greatestGap(await backend.forward(tokens), await reference.forward(tokens))).toBeLessThan(1e-3);
          } else {
            const from = step.from.map((row) => row % backend.rows);
            const length = Math.max(0, backend.length - step.cut);
            await Promise.all([backend.select(from, length), reference.select(from, length)]);
          }
          expect([backend.rows, backend.length]).toEqual([reference.rows, reference.length]);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('shares the common prefix and gives memory back', async () => {
    const config = { ...TINY_CONFIG, context: 256 };
    const backend = await createWasmBackend(randomWeights(config));
    const round = async (): Promise<void> => {
      await backend.select([0], 0);
      await backend.forward(ids(200, config.vocab));
      await backend.select(Array.from({ length: 16 }, () => 0), 200);
      for (let step = 0; step < 10; step++) await backend.forward(ids(16, config.vocab, step));
    };
    expect(backend.cachePages).toBe(0);
    await round();
    expect(backend.cachePages).toBe(12 + 16 * 2);
    const bytes = backend.memoryBytes;
    for (let i = 0; i < 5; i++) await round();
    expect(backend.memoryBytes).toBe(bytes);
  });
});

describe('a browser that cannot', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it('is told that SIMD is missing, or WebAssembly, or the permission to compile', async () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    await expect(createWasmBackend(randomWeights())).rejects.toMatchObject({
      code: 'no-device',
      message: expect.stringContaining('SIMD'),
    });
    vi.restoreAllMocks();
    vi.spyOn(WebAssembly, 'instantiate').mockRejectedValue(new WebAssembly.CompileError('blocked'));
    await expect(createWasmBackend(randomWeights())).rejects.toMatchObject({
      code: 'no-device',
      hint: expect.stringContaining('wasm-unsafe-eval'),
    });
    vi.stubGlobal('WebAssembly', undefined);
    await expect(createWasmBackend(randomWeights())).rejects.toMatchObject({
      code: 'no-device',
      message: expect.stringContaining('no WebAssembly'),
    });
  });
});
