/**
 * The packed format: one safetensors file with the weights of a GPT-2 in 4 and 8 bits.
 *
 * `__metadata__`: `format` = `verselet-packed`, `version` = `1`, `config` = the {@link Gpt2Config} as JSON.
 * Matrices ([out, in]) are two tensors: `<name>.q4` or `<name>.q8` (U8, [out, blocks, bytes a block]) and `<name>.scales`
 * (F16, [out, blocks]). Vectors are F32, positions F16, under their own names. Names are transformers' GPT2Model's,
 * `lm_head.weight` is there only when the head is untied.
 */
import type { Gpt2Config, Gpt2Weights, Matrix, QuantizedMatrix } from './types.ts';
import type { SafetensorsHeader, SafetensorsTensor } from './safetensors.ts';
import type { TensorSpec } from './layout.ts';
import { aligned, asBytes, asFloat32, asUint16, unsupported } from './bytes.ts';
import { checkConfig } from './config.ts';
import { fromHalves, toHalves } from './half.ts';
import { HEAD, tensorSpecs } from './layout.ts';
import { parseSafetensors, writeSafetensors } from './safetensors.ts';
import { gatherWeights } from './weights.ts';

export const PACKED_FORMAT = 'verselet-packed';
export const PACKED_VERSION = '1';

/** Values a scale that runtimes can compute with. */
const BLOCKS = [16, 32, 64, 128, 256];

/** A tensor in the form in which the packed file holds it. */
export type PackedTensor = SafetensorsTensor;

/** The two tensors of a quantized matrix. */
export function packMatrix(name: string, matrix: QuantizedMatrix): PackedTensor[] {
  const { kind, rows, scales, data } = matrix;
  const blocks = scales.length / rows;
  return [
    { name: `${name}.${kind}`, dtype: 'U8', shape: [rows, blocks, data.length / scales.length], data },
    { name: `${name}.scales`, dtype: 'F16', shape: [rows, blocks], data: asBytes(scales) },
  ];
}

/** A vector (F32), or the position table (F16). */
export function packValues(spec: TensorSpec, values: Float32Array): PackedTensor {
  const halves = spec.role === 'positions';
  return {
    name: spec.name,
    dtype: halves ? 'F16' : 'F32',
    shape: spec.shape,
    data: asBytes(halves ? toHalves(values) : values),
  };
}

/** The file made of all of a model's packed tensors, in any order. */
export function assemblePacked(config: Gpt2Config, tensors: readonly PackedTensor[]): Uint8Array {
  const metadata = { format: PACKED_FORMAT, version: PACKED_VERSION, config: JSON.stringify(config) };
  return writeSafetensors(tensors, metadata);
}

/** Whether `bytes` begin like a packed file; for telling files apart, not for trust. */
export function isPacked(bytes: Uint8Array): boolean {
  try {
    return parseSafetensors(bytes).metadata.get('format') === PACKED_FORMAT;
  } catch {
    return false;
  }
}

/**
 * Reads a packed file; quantized data are views into `bytes` where their place in memory allows it.
 * @throws VerseletError `unsupported-model` when the file is damaged, of another version, or misses a tensor.
 */
export function readPacked(bytes: Uint8Array): Gpt2Weights {
  const file = aligned(bytes, 16);
  const header = parseSafetensors(file);
  if (header.metadata.get('format') !== PACKED_FORMAT) throw unsupported('The file is not in the packed format.');
  if (header.metadata.get('version') !== PACKED_VERSION) throw unsupported('The packed file is of another version.');
  const config = checkConfig(parseJson(header.metadata.get('config') ?? ''));
  const head = header.tensors.has(`${HEAD}.scales`);
  const specs = new Map(tensorSpecs(config, head).map((spec) => [spec.name, spec]));
  return gatherWeights(config, head, {
    matrix: (name) => readMatrix(file, header, specs.get(name)!),
    vector: (name) => readValues(file, header, specs.get(name)!),
  });
}

function readMatrix(file: Uint8Array, header: SafetensorsHeader, { name, shape }: TensorSpec): Matrix {
  const [rows, cols] = shape as [number, number];
  const kind = header.tensors.has(`${name}.q4`) ? 'q4' : 'q8';
  const codes = header.tensors.get(`${name}.${kind}`);
  const [codeRows, blocks, width] = codes?.shape ?? [];
  const block = ((width ?? 0) * 8) / (kind === 'q4' ? 4 : 8);
  const fits = codes?.dtype === 'U8' && codes.shape.length === 3 && codeRows === rows && blocks === Math.ceil(cols / block);
  if (!fits || !BLOCKS.includes(block)) throw unsupported(`The packed file has no usable ${name}.`);
  const data = file.subarray(codes.begin, codes.end);
  const scales = asUint16(tensorBytes(file, header, `${name}.scales`, 'F16', [rows, blocks]));
  return { kind, rows, cols, block, data, scales };
}

function readValues(file: Uint8Array, header: SafetensorsHeader, { name, role, shape }: TensorSpec): Float32Array {
  if (role === 'positions') return fromHalves(asUint16(tensorBytes(file, header, name, 'F16', shape)));
  return asFloat32(tensorBytes(file, header, name, 'F32', shape));
}

function tensorBytes(
  file: Uint8Array,
  header: SafetensorsHeader,
  name: string,
  dtype: string,
  shape: readonly (number | undefined)[],
): Uint8Array {
  const entry = header.tensors.get(name);
  if (entry?.dtype !== dtype || String(entry.shape) !== String(shape)) throw unsupported(`The packed file has no usable ${name}.`);
  return file.subarray(entry.begin, entry.end);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unsupported('The config of the packed file is not JSON.', cause);
  }
}
