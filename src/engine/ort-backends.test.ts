import { createRequire } from 'node:module';
import type * as OrtModule from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { writeConfig } from '../convert/config.ts';
import { EXTERNAL_DATA } from '../convert/onnx.ts';
import { readPacked } from '../convert/packed.ts';
import type { Gpt2Weights } from '../convert/types.ts';
import { createGpt2Model } from './gpt2-model.ts';
import { greedy } from './greedy.ts';
import { hubGraph } from './hub-graph.fixture.ts';
import type { HubGraphOptions } from './hub-graph.fixture.ts';
import { createOnnxBackend } from './onnx-backend.ts';
import { createOrtBackend } from './ort-backend.ts';
import type { OrtRuntime } from './ort-runtime.ts';
import { randomWeights } from './random-weights.ts';
import { ReferenceBackend } from './reference-backend.ts';
import { runSelfTest, selfTestOf } from './self-test.ts';
import { createTokenizer } from './tokenizer.ts';
import type { Backend, DeviceInfo } from './types.ts';
import { verseNano } from './verse-nano.fixture.ts';

/** The same runtime for Node; its binary may be absent on some machines. */
function nodeRuntime(): OrtRuntime | undefined {
  try {
    const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof OrtModule;
    return {
      kind: 'wasm',
      Tensor: ort.Tensor,
      createSession: (model, options) => ort.InferenceSession.create(model, { intraOpNumThreads: 1, ...options }),
      gpu: async () => undefined,
    };
  } catch {
    return undefined;
  }
}

const runtime = nodeRuntime();
const device: DeviceInfo = { kind: 'wasm', name: 'CPU', threads: 1, why: 'Test.' };

function expectClose(got: Float32Array, want: Float32Array): void {
  expect(got.length).toBe(want.length);
  const apart = got.reduce((most, value, i) => Math.max(most, Math.abs(value - want[i]!)), 0);
  expect(apart).toBeLessThan(1e-4);
}

async function compareCalls(backend: Backend, reference: Backend): Promise<void> {
  const both = async (tokens: number[], all = false): Promise<void> => {
    const ids = Int32Array.from(tokens);
    expectClose(await backend.forward(ids, { all }), await reference.forward(ids, { all }));
    expect([backend.rows, backend.length]).toEqual([reference.rows, reference.length]);
  };
  const select = async (from: number[], length: number): Promise<void> => {
    await backend.select(from, length);
    await reference.select(from, length);
  };
  await both([1, 2, 3, 4, 5], true);
  await both([6, 7]);
  await select([0, 0, 0], 7);
  await both([8, 9, 10]);
  await both([1, 2, 3, 4, 5, 6], true);
  await select([2, 0], 9);
  await both([11, 12, 13, 14]);
  await select([1], 4);
  await both([20]);
  await select([0, 0], 0);
  await both([3, 4]);
}

describe.skipIf(!runtime)('OrtBackend', () => {
  it('computes what the reference computes, through every change of the cache', async () => {
    const weights = randomWeights();
    const backend = await createOrtBackend(runtime!, weights, 'f32', device);
    await compareCalls(backend, new ReferenceBackend(weights));
    await backend.dispose();
  });

  it.each(['f32', 'q4f32', 'q4f16'] as const)('writes the stored tokens of the embedded model: %s', async (precision) => {
    const files = verseNano();
    const backend = await createOrtBackend(runtime!, readPacked(files.weights), precision, device);
    await runSelfTest(backend, selfTestOf(files.card, backend.vocab));
    const model = createGpt2Model(backend, createTokenizer(files.tokenizer.json, files.tokenizer.config));
    const { prompt, tokens } = files.card.selfTest;
    expect(await greedy(model, prompt, tokens.length)).toEqual(tokens);
    await model.dispose();
  });
});

describe.skipIf(!runtime)('OnnxBackend', () => {
  const weights = randomWeights();
  const config = writeConfig(weights.config);

  function open(from: Gpt2Weights, options: HubGraphOptions = {}): ReturnType<typeof createOnnxBackend> {
    const { model, data } = hubGraph(from, options);
    // The hub's files carry their weights inside; the runtime sees no difference.
    const withData: OrtRuntime = {
      ...runtime!,
      createSession: (bytes, settings) =>
        runtime!.createSession(bytes, { ...settings, externalData: [{ path: EXTERNAL_DATA, data }] }),
    };
    return createOnnxBackend(withData, model, config, device);
  }

  it.each<HubGraphOptions>([{}, { positions: false }, { merged: true, positions: false }])(
    'computes what the reference computes: %o',
    async (options) => {
      const backend = await open(weights, options);
      expect(backend.singleSteps).toBe(false);
      await compareCalls(backend, new ReferenceBackend(weights));
      await backend.dispose();
    },
  );

  it('can feed its positions one by one', async () => {
    const backend = await open(weights);
    backend.singleSteps = true;
    await compareCalls(backend, new ReferenceBackend(weights));
    await backend.dispose();
  });

  it('refuses a graph of another shape, and bytes that are no graph', async () => {
    const shallow = { ...weights, layers: weights.layers.slice(0, 1) };
    await expect(open(shallow)).rejects.toMatchObject({ code: 'unsupported-model' });
    const rubbish = createOnnxBackend(runtime!, new Uint8Array(64), config, device);
    await expect(rubbish).rejects.toMatchObject({ code: 'unsupported-model' });
  });
});
