/** transformers.js as its users call it, and the ONNX Runtime session below it without its loop. */
import { AutoModelForCausalLM, env, Tensor } from '@huggingface/transformers';
import { type Contender, type Place, promptIds, type Run, timed } from './contender.ts';

export interface TransformersOptions extends Place {
  /** Absent: what the library takes by itself (q8 on WASM, fp32 on WebGPU). */
  dtype?: 'fp32' | 'fp16' | 'q8' | 'q4' | 'q4f16';
  /** Folder with ONNX Runtime's own files, on our server. */
  runtime: string;
}

interface Outputs {
  [name: string]: { data: Float32Array; dispose?(): void };
}

/** The parts of the model object that the bare loop uses. */
interface OrtSession {
  inputNames: readonly string[];
  run(inputs: Record<string, unknown>): Promise<Outputs>;
}

export function configure(models: string, runtime: string): void {
  env.allowLocalModels = false;
  env.remoteHost = models;
  env.remotePathTemplate = '{model}/';
  env.useBrowserCache = false;
  const wasm = env.backends.onnx.wasm!;
  wasm.wasmPaths = { mjs: `${runtime}ort-wasm-simd-threaded.asyncify.mjs`, wasm: `${runtime}ort-wasm-simd-threaded.asyncify.wasm` };
  wasm.numThreads = 1;
}

const whole = (values: readonly number[]): Tensor => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);

/** Place of the highest number. */
function best(logits: Float32Array, from: number): number {
  let place = from;
  for (let i = from; i < logits.length; i++) if (logits[i]! > logits[place]!) place = i;
  return place - from;
}

export async function openTransformers({ models, model, device, dtype, runtime }: TransformersOptions): Promise<Contender> {
  configure(models, runtime);
  const options = { ...(device === 'webgpu' && { device }), ...(dtype && { dtype }) };
  const loaded = await AutoModelForCausalLM.from_pretrained(model, options);
  const settings = { do_sample: false };
  let last: number[] = [];
  return {
    async run(prompt, count): Promise<Run> {
      const inputs = whole(promptIds(prompt));
      const limits = { max_new_tokens: count, min_new_tokens: count };
      return timed(count, async () => {
        const output = (await loaded.generate({ inputs, ...limits, ...settings } as never)) as Tensor;
        last = Array.from(output.data as BigInt64Array, Number).slice(inputs.dims[1]);
      });
    },
    // The session's own time: on WASM, where nothing has to come back from a device.
    ...(device === 'wasm' && { bare: (prompt: number, count: number) => bareRun(loaded, prompt, count) }),
    tokens: () => last,
    close: async () => void (await loaded.dispose()),
  };
}

/** session.run alone, with its own best token fed back. */
async function bareRun(loaded: unknown, prompt: number, count: number): Promise<Run> {
  const { sessions, config } = loaded as {
    sessions: { model: OrtSession };
    config: { n_layer: number; n_head: number; n_embd: number };
  };
  const session = sessions.model;
  const headSize = config.n_embd / config.n_head;
  const names = Array.from({ length: config.n_layer }, (_, i) => [`${i}.key`, `${i}.value`]).flat();
  const empty = (): unknown => ortTensor(new Tensor('float32', new Float32Array(0), [1, config.n_head, 0, headSize]));
  let cache: Record<string, unknown> = Object.fromEntries(names.map((name) => [`past_key_values.${name}`, empty()]));
  let fed = promptIds(prompt);
  let past = 0;
  return timed(count, async () => {
    for (let i = 0; i < count; i++) {
      const total = past + fed.length;
      const outputs = await session.run({
        ...cache,
        input_ids: ortTensor(whole(fed)),
        attention_mask: ortTensor(whole(Array.from({ length: total }, () => 1))),
        position_ids: ortTensor(whole(fed.map((_, at) => past + at))),
      });
      cache = Object.fromEntries(names.map((name) => [`past_key_values.${name}`, outputs[`present.${name}`]]));
      const logits = outputs['logits']!.data;
      fed = [best(logits, logits.length - logits.length / fed.length)];
      past = total;
    }
  });
}

function ortTensor(tensor: Tensor): unknown {
  return (tensor as unknown as { ort_tensor: unknown }).ort_tensor;
}
