/** A {@link Backend} over an ONNX file of the hub's layouts, merged decoders included. */

import { parseConfig } from '../convert/config.ts';
import type { Gpt2Config } from '../convert/types.ts';
import { VerseletError } from '../errors.ts';
import { deviceError } from './device-errors.ts';
import { cacheOnDevice, OrtDecoder } from './ort-decoder.ts';
import type { Step } from './ort-decoder.ts';
import type { InferenceSession, OrtRuntime, Tensor } from './ort-runtime.ts';
import type { DeviceInfo } from './types.ts';

const KNOWN =
  /^(input_ids|attention_mask|position_ids|use_cache_branch|num_logits_to_keep|past_key_values\.\d+\.(key|value))$/;

/** What the runtime says of files that it cannot read or operators that it does not have. */
const UNREADABLE = /protobuf|no graph was found|unsupported model|opset|could not find an implementation/i;

/** @throws VerseletError `unsupported-model` when the graph is no GPT-2 with a cache. */
function checkGraph(session: InferenceSession, config: Gpt2Config): void {
  const inputs = new Set(session.inputNames);
  const unknown = session.inputNames.find((name) => !KNOWN.test(name));
  const past = (layer: number): boolean => inputs.has(`past_key_values.${layer}.key`);
  const cached = past(config.layers - 1) && !past(config.layers);
  if (unknown !== undefined || !inputs.has('input_ids') || !cached || !session.outputNames.includes('logits')) {
    const what = unknown === undefined ? '' : ` It asks for ${unknown}.`;
    throw new VerseletError('unsupported-model', `This ONNX file is not a GPT-2 decoder with a cache.${what}`);
  }
}

function cacheType(session: InferenceSession): 'float32' | 'float16' {
  const past = session.inputMetadata.find(({ name }) => name.startsWith('past_key_values.'));
  return past?.isTensor && past.type === 'float16' ? 'float16' : 'float32';
}

/** The inputs that the graph has a name for. */
function inputMaker(runtime: OrtRuntime, names: ReadonlySet<string>): (step: Step) => Record<string, Tensor> {
  const { Tensor } = runtime;
  const whole = (count: number, dims: number[], value: (i: number) => number): Tensor =>
    new Tensor('int64', BigInt64Array.from({ length: count }, (_, i) => BigInt(value(i))), dims);
  return ({ tokens, rows, steps, past, wanted }) => {
    const total = past + steps;
    const all: Record<string, () => Tensor> = {
      input_ids: () => whole(rows * steps, [rows, steps], (i) => tokens[i]!),
      attention_mask: () => whole(rows * total, [rows, total], () => 1),
      position_ids: () => whole(rows * steps, [rows, steps], (i) => past + (i % steps)),
      use_cache_branch: () => new Tensor('bool', Uint8Array.of(past > 0 ? 1 : 0), [1]),
      num_logits_to_keep: () => whole(1, [], () => wanted),
    };
    const asked = Object.entries(all).filter(([name]) => names.has(name));
    return Object.fromEntries(asked.map(([name, make]) => [name, make()]));
  };
}

/**
 * Some exported graphs bake one position into the branch with a cache: two positions at once must give what one after
 * the other give.
 */
async function needsSingleSteps(decoder: OrtDecoder): Promise<boolean> {
  const [a, b, c] = [1, 2, 3];
  await decoder.forward(Int32Array.of(a));
  await decoder.forward(Int32Array.of(b));
  const want = (await decoder.forward(Int32Array.of(c))).slice();
  await decoder.select([0], 1);
  const got = await decoder.forward(Int32Array.of(b, c));
  const spread = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const apart = got.reduce((most, value, i) => Math.max(most, Math.abs(value - want[i]!)), 0);
  await decoder.select([0], 0);
  return !(apart <= 0.02 * spread);
}

/** Whether an export is of the kind whose cached branch may take one position only. */
function isMerged(session: InferenceSession): boolean {
  return session.inputNames.includes('use_cache_branch');
}

/**
 * @param model bytes of the file.
 * @param config config.json, parsed.
 * @throws VerseletError `unsupported-model`, `no-device`, `out-of-memory`.
 */
export async function createOnnxBackend(
  runtime: OrtRuntime,
  model: Uint8Array,
  config: unknown,
  device: DeviceInfo,
): Promise<OrtDecoder> {
  const shape = parseConfig(config);
  const { layers, heads, width, vocab, context } = shape;
  try {
    const session = await runtime.createSession(model, cacheOnDevice(runtime, layers));
    checkGraph(session, shape);
    const cache = { layers, heads, headSize: width / heads, type: cacheType(session), inputs: 'past_key_values' };
    const inputs = inputMaker(runtime, new Set(session.inputNames));
    const decoder = new OrtDecoder(runtime, session, { device, vocab, context, cache, inputs });
    if (isMerged(session)) decoder.singleSteps = await needsSingleSteps(decoder);
    return decoder;
  } catch (error) {
    throw asLoadError(error);
  }
}

function asLoadError(error: unknown): VerseletError {
  const known = deviceError(error, 'no-device');
  if (known.code !== 'no-device' || !UNREADABLE.test(known.message)) return known;
  const message = `ONNX Runtime cannot read this model. ${known.message}`;
  return new VerseletError('unsupported-model', message, { cause: error });
}
