/** A tensor of a checkpoint, wherever its bytes lie. */
import type { ByteSource } from './types.ts';
import { aligned, asFloat32, asUint16, discard, unsupported } from './bytes.ts';
import { fromBfloats, fromHalves } from './half.ts';

export interface CheckpointTensor {
  /** As safetensors name it; only F32, F16, BF16 and F64 can be read. */
  dtype: string;
  shape: readonly number[];
  source: ByteSource;
  /** Of the first element, in bytes; the elements are contiguous, row-major, little-endian. */
  offset: number;
  /** Grows along the file: reading tensors in this order never goes back. */
  position: number;
}

/** The tensors of a checkpoint by the names it gives them. */
export type Checkpoint = ReadonlyMap<string, CheckpointTensor>;

const READABLE = new Map([
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
  ['F64', 8],
]);

/** Bytes an element. @throws VerseletError `unsupported-model` for number types that weights do not have. */
export function elementBytes({ dtype }: CheckpointTensor): number {
  const size = READABLE.get(dtype);
  if (size === undefined) throw unsupported(`The checkpoint holds weights of the type ${dtype}, which is not supported.`);
  return size;
}

/**
 * Elements [from, from + count) as 32-bit floats.
 * @throws VerseletError `unsupported-model`, and what the source throws.
 */
export async function readElements(
  tensor: CheckpointTensor,
  from: number,
  count: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const size = elementBytes(tensor);
  const bytes = await tensor.source.read(tensor.offset + from * size, count * size, signal);
  if (tensor.dtype === 'F32') return asFloat32(bytes);
  const values = convert(tensor.dtype, bytes);
  if (tensor.source.fresh) discard(bytes);
  return values;
}

/** Hands back what {@link readElements} gave, where nobody else can hold it. */
export function discardElements(tensor: CheckpointTensor, values: Float32Array): void {
  if (tensor.source.fresh || tensor.dtype !== 'F32') discard(values);
}

function convert(dtype: string, bytes: Uint8Array): Float32Array {
  if (dtype === 'F16') return fromHalves(asUint16(bytes));
  if (dtype === 'BF16') return fromBfloats(asUint16(bytes));
  const doubles = aligned(bytes, 8);
  return Float32Array.from(new Float64Array(doubles.buffer, doubles.byteOffset, doubles.length / 8));
}
