/** Opens GPT-2 checkpoints and reads them unquantized. */
import type { ByteSource, Gpt2Config, Gpt2Weights, Matrix } from './types.ts';
import type { Checkpoint, CheckpointTensor } from './tensor.ts';
import type { PlacedTensor } from './resolve.ts';
import { unsupported } from './bytes.ts';
import { isObject } from './json.ts';
import { readAhead } from './read-ahead.ts';
import { inFileOrder, resolveCheckpoint } from './resolve.ts';
import { headerLength, parseHeader } from './safetensors.ts';
import { readElements } from './tensor.ts';
import { isTorch, openTorch } from './torch.ts';
import { transpose } from './transpose.ts';
import { gatherWeights } from './weights.ts';

/** More than any file is long. */
const SHARD_STRIDE = 2 ** 40;

/** The tensors of a safetensors file; only its header is read. @throws VerseletError `unsupported-model`. */
export async function openSafetensors(file: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
  const source = readAhead(file);
  const length = headerLength(await source.read(0, Math.min(8, source.size), signal), source.size);
  const header = parseHeader(await source.read(8, length, signal), source.size);
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, { dtype, shape, begin }] of header.tensors) {
    tensors.set(name, { dtype, shape, source, offset: begin, position: begin });
  }
  return tensors;
}

/** The tensors of a `model.safetensors` or a `pytorch_model.bin`, told apart by their first bytes. Errors as those of both. */
export async function openCheckpoint(source: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
  const start = await source.read(0, Math.min(16, source.size), signal);
  return isTorch(start) ? openTorch(source, signal) : openSafetensors(source, signal);
}

/**
 * The tensors of a checkpoint in several files.
 * @param index `model.safetensors.index.json` or `pytorch_model.bin.index.json`, parsed.
 * @param open gives a file by its name, or undefined where it is missing.
 * @throws VerseletError `unsupported-model`, also for a missing file, and what `open` throws.
 */
export async function openShards(
  index: unknown,
  open: (file: string) => Promise<ByteSource | undefined>,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const tensors = new Map<string, CheckpointTensor>();
  const map = isObject(index) ? index['weight_map'] : undefined;
  if (!isObject(map)) throw unsupported('The list of shards is not readable.');
  const files = [...new Set(Object.values(map))];
  for (const [number, file] of files.entries()) {
    const named = typeof file === 'string' && /^[\w.-]+$/.test(file) ? file : undefined;
    const source = named === undefined ? undefined : await open(named);
    if (source === undefined) throw unsupported(`The checkpoint is incomplete: ${String(file).slice(0, 80)} is missing.`);
    addShard(tensors, number, await openCheckpoint(source, signal));
  }
  const missing = Object.keys(map).find((name) => !tensors.has(name));
  if (missing !== undefined) throw unsupported(`The checkpoint is incomplete: ${missing.slice(0, 80)} is in none of its files.`);
  return tensors;
}

/** Adds the tensors of file number `number`; the order of the files is the order of reading. */
export function addShard(tensors: Map<string, CheckpointTensor>, number: number, shard: Checkpoint): void {
  for (const [name, tensor] of shard) tensors.set(name, { ...tensor, position: number * SHARD_STRIDE + tensor.position });
}

/**
 * A GPT-2 checkpoint in one file, unquantized: fp32, fp16 and bf16 become 32-bit floats.
 * @param config from `parseConfig`; the vocabulary and context of the result are the tensors'.
 * @throws VerseletError `unsupported-model`, and what the source throws.
 */
export async function loadCheckpoint(source: ByteSource, config: Gpt2Config, signal?: AbortSignal): Promise<Gpt2Weights> {
  return loadTensors(await openCheckpoint(source, signal), config, signal);
}

/** As {@link loadCheckpoint}, for a checkpoint that is open. */
export async function loadTensors(checkpoint: Checkpoint, config: Gpt2Config, signal?: AbortSignal): Promise<Gpt2Weights> {
  const resolved = await resolveCheckpoint(checkpoint, config, signal);
  const values = new Map<string, Float32Array>();
  const specs = new Map(resolved.tensors.map((tensor) => [tensor.name, tensor]));
  for (const placed of inFileOrder(resolved.tensors)) values.set(placed.name, await readWhole(placed, signal));
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
