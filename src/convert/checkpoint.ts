/** Opens GPT-2 checkpoints and reads them unquantized. */
import type { ByteSource, Gpt2Config, Gpt2Weights, Matrix } from './types.ts';
import type { Checkpoint, CheckpointTensor } from './tensor.ts';
import type { PlacedTensor } from './resolve.ts';
import { headerLength, parseHeader } from './safetensors.ts';
import { readElements } from './tensor.ts';
import { resolveCheckpoint } from './resolve.ts';
import { gatherWeights } from './weights.ts';

/** The tensors of a safetensors file; only its header is read. @throws VerseletError `unsupported-model`. */
export async function openSafetensors(source: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
  const length = headerLength(await source.read(0, Math.min(8, source.size), signal), source.size);
  const header = parseHeader(await source.read(8, length, signal), source.size);
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, { dtype, shape, begin }] of header.tensors) tensors.set(name, { dtype, shape, source, offset: begin });
  return tensors;
}

/**
 * A GPT-2 checkpoint as 32-bit floats: model.safetensors in fp32, fp16 or bf16.
 * @param config from `parseConfig`; the vocabulary and context of the result are the tensors'.
 * @throws VerseletError `unsupported-model`, and what the source throws.
 */
export async function loadCheckpoint(source: ByteSource, config: Gpt2Config, signal?: AbortSignal): Promise<Gpt2Weights> {
  const resolved = await resolveCheckpoint(await openSafetensors(source, signal), config, signal);
  const values = new Map<string, Float32Array>();
  const specs = new Map(resolved.tensors.map((tensor) => [tensor.name, tensor]));
  for (const placed of resolved.tensors) values.set(placed.name, await readWhole(placed, signal));
  return gatherWeights(resolved.config, resolved.head, {
    matrix: (name) => {
      const [rows, cols] = specs.get(name)!.shape as [number, number];
      return { kind: 'f32', rows, cols, data: values.get(name)! } satisfies Matrix;
    },
    vector: (name) => values.get(name)!,
  });
}

/** All elements of a tensor, matrices as [out, in]. */
async function readWhole({ tensor, shape, transposed }: PlacedTensor, signal?: AbortSignal): Promise<Float32Array> {
  const count = shape.reduce((product, n) => product * n, 1);
  const values = await readElements(tensor, 0, count, signal);
  return transposed ? transpose(values, shape[1]!, shape[0]!) : values;
}

/** [rows, cols] as [cols, rows], in tiles that stay in the cache. */
function transpose(values: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(values.length);
  const tile = 32;
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(top + tile, rows);
    for (let col = 0; col < cols; col++) {
      for (let row = top; row < bottom; row++) out[col * rows + row] = values[row * cols + col]!;
    }
  }
  return out;
}
