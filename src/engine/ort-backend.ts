/** A {@link Backend} over a graph that we build from weights and ONNX Runtime computes. */

import { embedTokens } from '../convert/embed.ts';
import { buildGraph } from '../convert/graph.ts';
import type { Precision } from '../convert/graph.ts';
import { EXTERNAL_DATA } from '../convert/onnx.ts';
import type { Gpt2Weights } from '../convert/types.ts';
import { deviceError } from './device-errors.ts';
import { cacheOnDevice, OrtDecoder } from './ort-decoder.ts';
import type { Step } from './ort-decoder.ts';
import type { OrtRuntime, Tensor } from './ort-runtime.ts';
import type { Backend, DeviceInfo } from './types.ts';

function inputMaker(runtime: OrtRuntime, weights: Gpt2Weights): (step: Step) => Record<string, Tensor> {
  const { width } = weights.config;
  return ({ tokens, rows, steps, past, wanted }) => {
    const embeds = new Float32Array(tokens.length * width);
    const positions = Int32Array.from(tokens, (_, i) => past + (i % steps));
    embedTokens(weights, tokens, positions, embeds);
    return {
      inputs_embeds: new runtime.Tensor('float32', embeds, [rows, steps, width]),
      num_logits: new runtime.Tensor('int64', BigInt64Array.of(BigInt(wanted)), [1]),
    };
  };
}

/**
 * @param precision `q4f16` only where the adapter has `shader-f16`.
 * @throws VerseletError `no-device`, `out-of-memory`.
 */
export async function createOrtBackend(
  runtime: OrtRuntime,
  weights: Gpt2Weights,
  precision: Precision,
  device: DeviceInfo,
): Promise<Backend> {
  const { layers, heads, width, vocab, context } = weights.config;
  try {
    const { model, data } = buildGraph(weights, { precision });
    const session = await runtime.createSession(model, {
      externalData: [{ path: EXTERNAL_DATA, data }],
      ...cacheOnDevice(runtime, layers),
    });
    const type = precision === 'q4f16' ? ('float16' as const) : ('float32' as const);
    const cache = { layers, heads, headSize: width / heads, type, inputs: 'past' };
    const inputs = inputMaker(runtime, weights);
    return new OrtDecoder(runtime, session, { device, vocab, context, cache, inputs });
  } catch (error) {
    throw deviceError(error, 'no-device');
  }
}
