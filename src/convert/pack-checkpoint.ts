/**
 * Packs a checkpoint tensor by tensor as it streams in, so that neither the checkpoint nor the packed model is ever in
 * memory as a whole. Held at once: one window of the file, one strip as 32-bit floats, one packed tensor; what grows is only
 * what the caller keeps of them. GPT-2 small: 111 MB of buffers, the packed model of 71.6 MB among them (see README.md).
 */
import type { ByteSource, Gpt2Config } from './types.ts';
import type { PackedTensor } from './packed.ts';
import type { PackOptions } from './pack.ts';
import type { PlacedTensor, ResolvedCheckpoint } from './resolve.ts';
import type { TensorSpec } from './layout.ts';
import { throwIfAborted } from '../errors.ts';
import type { CheckpointTensor } from './tensor.ts';
import { addShard, openCheckpoint } from './checkpoint.ts';
import { parseConfig } from './config.ts';
import { tensorSpecs } from './layout.ts';
import { bitsFor } from './pack.ts';
import { assemblePacked, packMatrix, packValues } from './packed.ts';
import { BLOCK, emptyMatrix, quantizeRows, quantizeTransposed } from './quantize.ts';
import { inFileOrder, resolveCheckpoint } from './resolve.ts';
import { discardElements, elementBytes, readElements } from './tensor.ts';

/** Elements read at once: 4 MiB of fp32. */
const STRIP = 2 ** 20;

export interface StreamOptions extends PackOptions {
  /** Names of packed tensors that are there already, from an earlier try: they are neither read nor given again. */
  skip?: { has(name: string): boolean };
  signal?: AbortSignal;
  /** Called after each strip: bytes of the checkpoint's tensors done, skipped ones included, and in all. */
  onProgress?(done: number, total: number): void;
}

/** Opens a checkpoint in one file and matches it with its config; for shards use `openShards` and `resolveCheckpoint`. */
export async function openForPacking(source: ByteSource, config: Gpt2Config, signal?: AbortSignal): Promise<ResolvedCheckpoint> {
  return resolveCheckpoint(await openCheckpoint(source, signal), config, signal);
}

/**
 * The packed tensors of a checkpoint, in the order in which its file holds them.
 * `assemblePacked(resolved.config, tensors)` makes the file of them, in any order.
 * @throws VerseletError `unsupported-model`, `aborted`, and what the source throws.
 */
export async function* packTensors(resolved: ResolvedCheckpoint, options: StreamOptions = {}): AsyncGenerator<PackedTensor> {
  const total = checkpointBytes(resolved);
  let done = 0;
  const advance = (bytes: number) => {
    done += bytes;
    options.onProgress?.(done, total);
  };
  for (const placed of inFileOrder(resolved.tensors)) {
    throwIfAborted(options.signal);
    if (packedNames(placed, options).every((name) => options.skip?.has(name))) advance(tensorBytes(placed));
    else yield* await packTensor(placed, options, advance);
  }
}

/** {@link openForPacking} and {@link packTensors} in one. */
export async function* packCheckpoint(
  source: ByteSource,
  config: Gpt2Config,
  options: StreamOptions = {},
): AsyncGenerator<PackedTensor> {
  yield* packTensors(await openForPacking(source, config, options.signal), options);
}

/**
 * A checkpoint in one file or in several, packed as a whole.
 * @param files all parts of the checkpoint; the tensors of a part that is missing are missed.
 * @param options.config config.json, parsed.
 * @returns the bytes of a `verselet.safetensors`.
 * @throws as {@link packTensors}, and `parseConfig`.
 */
export async function packFiles(
  files: readonly { path: string; source: ByteSource }[],
  options: StreamOptions & { config: unknown },
): Promise<Uint8Array> {
  const config = parseConfig(options.config);
  const all = new Map<string, CheckpointTensor>();
  for (const [number, { source }] of files.entries()) addShard(all, number, await openCheckpoint(source, options.signal));
  const resolved = await resolveCheckpoint(all, config, options.signal);
  const tensors: PackedTensor[] = [];
  for await (const tensor of packTensors(resolved, options)) tensors.push(tensor);
  return assemblePacked(resolved.config, tensors);
}

/** Bytes of the tensors that packing reads. */
export function checkpointBytes({ tensors }: ResolvedCheckpoint): number {
  return tensors.reduce((sum, placed) => sum + tensorBytes(placed), 0);
}

/** Size of the packed file to within a few kilobytes, known from the config alone. */
export function packedBytes(config: Gpt2Config, head = config.tied === false, options: PackOptions = {}): number {
  const specs = tensorSpecs(config, head);
  return specs.reduce((sum, spec) => sum + packedTensorBytes(spec, options), 160 * specs.length);
}

/** The names under which {@link packTensors} gives a tensor. */
export function packedNames({ name, role, shape }: TensorSpec, options: PackOptions = {}): string[] {
  if (role !== 'linear' && role !== 'table') return [name];
  return [`${name}.q${bitsFor(role, elements(shape), options)}`, `${name}.scales`];
}

async function packTensor(placed: PlacedTensor, options: StreamOptions, advance: (bytes: number) => void): Promise<PackedTensor[]> {
  const { tensor, shape, role, name } = placed;
  if (role !== 'linear' && role !== 'table') {
    const values = await readElements(tensor, 0, elements(shape), options.signal);
    advance(tensorBytes(placed));
    return [packValues(placed, values)];
  }
  const [rows, cols] = shape as [number, number];
  const matrix = emptyMatrix(rows, cols, bitsFor(role, rows * cols, options), options.block ?? BLOCK);
  const [lines, length] = placed.transposed ? [cols, rows] : [rows, cols];
  const most = Math.max(1, Math.floor(STRIP / length / matrix.block)) * matrix.block;
  for (let from = 0; from < lines; from += most) {
    throwIfAborted(options.signal);
    const count = Math.min(most, lines - from);
    const strip = await readElements(tensor, from * length, count * length, options.signal);
    if (placed.transposed) quantizeTransposed(strip, matrix, from);
    else quantizeRows(strip, matrix, from);
    advance(strip.length * elementBytes(tensor));
    discardElements(tensor, strip);
  }
  return packMatrix(name, matrix);
}

function packedTensorBytes({ role, shape }: TensorSpec, options: PackOptions): number {
  const count = elements(shape);
  if (role === 'positions') return 2 * count;
  if (role === 'vector') return 4 * count;
  const block = options.block ?? BLOCK;
  const blocks = shape[0]! * Math.ceil(shape[1]! / block);
  return blocks * (2 + (block * bitsFor(role, count, options)) / 8);
}

function tensorBytes({ tensor, shape }: PlacedTensor): number {
  return elements(shape) * elementBytes(tensor);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
