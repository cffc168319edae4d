import { afterEach, describe, expect, it, vi } from 'vitest';
import { quantize } from '../../convert/quantize.ts';
import type { DenseMatrix, Gpt2Weights, Linear } from '../../convert/types.ts';
import { randomWeights, TINY_CONFIG } from '../random-weights.ts';
import { createWasmBackend } from './backend.ts';
import type { WasmBackend } from './backend.ts';
import { serve } from './serve.ts';
import { sharedMemory } from './threads.ts';
import type { StartThread, ThreadEvents } from './threads.ts';

const opened: WasmBackend[] = [];

async function open(weights: Gpt2Weights, threads: number, startThread?: StartThread): Promise<WasmBackend> {
  const backend = await createWasmBackend(weights, { threads, startThread });
  opened.push(backend);
  return backend;
}

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await Promise.all(opened.splice(0).map((backend) => backend.dispose()));
});

/** Weights as they ship: 4 bits in the layers, 8 in the embedding; the widths fill no panel. */
function packedWeights(): Gpt2Weights {
  const weights = randomWeights({ ...TINY_CONFIG, heads: 3, width: 84, inner: 203, vocab: 77, context: 150 });
  const linear = ({ weight, bias }: Linear): Linear => ({ weight: quantize(weight as DenseMatrix, 4, 32), bias });
  const layers = weights.layers.map((layer) => ({
    ...layer,
    qkv: linear(layer.qkv),
    proj: linear(layer.proj),
    up: linear(layer.up),
    down: linear(layer.down),
  }));
  return { ...weights, wte: quantize(weights.wte as DenseMatrix, 8, 32), layers };
}

function ids(length: number, vocab: number, seed = 1): Int32Array {
  return Int32Array.from({ length }, (_, i) => (i * i * 7 + i * seed * 13 + seed) % vocab);
}

/** For arrays that are long to compare one by one. */
function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bytes = (values: Float32Array): Buffer => Buffer.from(values.slice().buffer);
  return bytes(a).equals(bytes(b));
}

/** Logits of a prompt, of steps in batches that fork, shrink and grow, and of all positions at once. */
async function play(backend: WasmBackend): Promise<number[]> {
  const { vocab } = backend;
  const found: number[] = [];
  const forward = async (steps: number, all = false): Promise<void> => {
    found.push(...(await backend.forward(ids(steps * backend.rows, vocab, found.length % 11), { all })));
  };
  await forward(70);
  await forward(1);
  for (const rows of [3, 8, 1, 2, 5]) {
    await backend.select(Array.from({ length: rows }, (_, i) => i % backend.rows), backend.length - 1);
    for (const steps of [1, 2, 1]) await forward(steps);
    await forward(3, true);
  }
  await backend.select([0], 4);
  await forward(100, true);
  return found;
}

describe('threads', () => {
  it('compute the same bits in any number, for prompts, batches and forks', async () => {
    for (const weights of [packedWeights(), randomWeights({ ...TINY_CONFIG, context: 150 })]) {
      const expected = await play(await open(weights, 1));
      for (const threads of [2, 3, 4]) {
        const backend = await open(weights, threads);
        expect(backend.device.threads).toBe(threads);
        expect(await play(backend)).toEqual(expected);
      }
    }
  });

  it('share the products of a single line where these are large', async () => {
    const weights = randomWeights({ ...TINY_CONFIG, layers: 1, heads: 5, width: 240, inner: 1001, vocab: 22_003 });
    const [one, two, three] = await Promise.all([open(weights, 1), open(weights, 2), open(weights, 3)]);
    for (const rows of [1, 2]) {
      for (const backend of [one, two, three]) await backend.select(Array.from({ length: rows }, () => 0), 0);
      for (const steps of [1, 1, 2]) {
        const tokens = ids(rows * steps, weights.config.vocab, steps);
        const expected = await one.forward(tokens, { all: true });
        for (const backend of [two, three]) expect(sameBits(await backend.forward(tokens, { all: true }), expected)).toBe(true);
      }
    }
  });

  it('see memory that was added later', async () => {
    const weights = randomWeights({ ...TINY_CONFIG, context: 600 });
    const one = await open(weights, 1);
    const two = await open(weights, 2);
    const before = two.memoryBytes;
    for (const backend of [one, two]) await backend.select(Array.from({ length: 16 }, () => 0), 0);
    const tokens = ids(16 * 500, TINY_CONFIG.vocab);
    expect(await two.forward(tokens)).toEqual(await one.forward(tokens));
    expect(two.memoryBytes).toBeGreaterThan(before);
  });

  it('work for several models at once', async () => {
    const weights = packedWeights();
    const backends = await Promise.all([open(weights, 2), open(weights, 2), open(weights, 1)]);
    const [a, b, c] = await Promise.all(backends.map(play));
    expect(a).toEqual(c);
    expect(b).toEqual(c);
  });
});

describe('a helper thread', () => {
  /** Its events, to be told of what does not happen by itself. */
  let told: ThreadEvents;
  const ended = vi.fn();
  const silent: StartThread = (_, events) => {
    told = events;
    return { end: ended };
  };

  it('that does not start leaves one thread, which says why', async () => {
    const broken: StartThread = () => {
      throw new Error('no workers here');
    };
    const backend = await open(randomWeights(), 2, broken);
    expect(backend.device).toMatchObject({ threads: 1, why: expect.stringContaining('no workers here') });
    expect(await backend.forward(Int32Array.of(1))).toEqual(await (await open(randomWeights(), 1)).forward(Int32Array.of(1)));
  });

  it('that fails while it starts is ended with the others', async () => {
    ended.mockClear();
    const failing: StartThread = (task, events) => {
      if (task.thread === 2) events.failed('it is full');
      else events.ready();
      return { end: ended };
    };
    const backend = await open(randomWeights(), 3, failing);
    expect(backend.device).toMatchObject({ threads: 1, why: expect.stringContaining('it is full') });
    expect(ended).toHaveBeenCalledTimes(2);
  });

  it('is not asked for where memory cannot be shared', async () => {
    const { Memory } = WebAssembly;
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor) {
      if (descriptor.shared) throw new RangeError('no shared memory');
      return new Memory(descriptor);
    });
    const backend = await open(randomWeights(), 2, silent);
    expect(backend.device).toMatchObject({ threads: 1, why: expect.stringContaining('no shared memory') });
  });

  it('that ends by itself takes the device with it', async () => {
    const starting = open(randomWeights(), 2, (task, events) => {
      queueMicrotask(events.ready);
      return silent(task, events);
    });
    const backend = await starting;
    told.failed('out of memory.');
    expect(await backend.lost).toBe('A thread on the CPU stopped: out of memory.');
    await expect(backend.forward(Int32Array.of(1))).rejects.toMatchObject({ code: 'device-lost' });
  });

  it('that fails at work wakes whoever waits for it', async () => {
    const backend = await open(randomWeights(), 2, ({ memory, failed }, events) => {
      queueMicrotask(events.ready);
      Atomics.store(new Int32Array(memory.buffer), failed, 1);
      return { end: ended };
    });
    await expect(backend.forward(Int32Array.of(1, 2))).rejects.toMatchObject({ code: 'device-lost' });
    await expect(backend.forward(Int32Array.of(1, 2))).rejects.toMatchObject({ code: 'device-lost' });
  });

  it('tells the others when its kernels stop', () => {
    const memory = sharedMemory();
    const module = {} as WebAssembly.Module;
    const kernels = {
      serve: () => {
        throw new Error('unreachable');
      },
    };
    vi.spyOn(WebAssembly, 'Instance').mockImplementation(function () {
      return { exports: kernels };
    });
    const ready = vi.fn();
    expect(() => serve({ module, memory, thread: 1, failed: 96, meetings: [32] }, ready)).toThrow('unreachable');
    expect(ready).toHaveBeenCalledOnce();
    expect(Atomics.load(new Int32Array(memory.buffer), 96)).toBe(1);
  });
});
