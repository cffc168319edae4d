/** The safetensors file format: a JSON header, then the tensors' bytes (github.com/huggingface/safetensors). */
import { unsupported } from './bytes.ts';
import { isObject, isWhole } from './json.ts';
import type { JsonObject } from './json.ts';

/** Bytes an element, by the format's names. */
const ELEMENT_BYTES = new Map([
  ['BOOL', 1],
  ['U8', 1],
  ['I8', 1],
  ['F8_E4M3', 1],
  ['F8_E5M2', 1],
  ['I16', 2],
  ['U16', 2],
  ['F16', 2],
  ['BF16', 2],
  ['I32', 4],
  ['U32', 4],
  ['F32', 4],
  ['I64', 8],
  ['U64', 8],
  ['F64', 8],
]);

/** The reference implementation's limit; a header beyond it is an attack or a mistake. */
export const MAX_HEADER_BYTES = 100_000_000;
const ALIGNMENT = 16;

export interface SafetensorsEntry {
  dtype: string;
  shape: number[];
  /** Bytes, counted from the start of the file. */
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  metadata: Map<string, string>;
  tensors: Map<string, SafetensorsEntry>;
}

/** One tensor to be written. */
export interface SafetensorsTensor {
  name: string;
  dtype: string;
  shape: readonly number[];
  data: Uint8Array;
}

/**
 * Length in bytes of the JSON header, from the file's first 8 bytes.
 * @param fileSize bytes of the whole file.
 * @throws VerseletError `unsupported-model`.
 */
export function headerLength(start: Uint8Array, fileSize: number): number {
  if (start.length < 8) throw unsupported('The safetensors file is shorter than its header.');
  const view = new DataView(start.buffer, start.byteOffset, 8);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || length + 8 > fileSize) throw unsupported('The safetensors header is damaged.');
  return length;
}

/**
 * Reads a header and checks that every tensor lies inside the file and has as many bytes as its shape says.
 * @param json the header's bytes, without the length before them.
 * @param fileSize bytes of the whole file.
 * @throws VerseletError `unsupported-model`.
 */
export function parseHeader(json: Uint8Array, fileSize: number): SafetensorsHeader {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    throw unsupported('The safetensors header is not JSON.', cause);
  }
  if (!isObject(parsed)) throw unsupported('The safetensors header is not a JSON object.');
  const header: SafetensorsHeader = { metadata: new Map(), tensors: new Map() };
  for (const [name, value] of Object.entries(parsed)) {
    if (!isObject(value)) throw unsupported(`The safetensors header says nothing of ${quote(name)}.`);
    if (name === '__metadata__') header.metadata = parseMetadata(value);
    else header.tensors.set(name, parseEntry(name, value, json.length + 8, fileSize));
  }
  return header;
}

/** Reads the header of a file that is in memory as a whole. @throws VerseletError `unsupported-model`. */
export function parseSafetensors(bytes: Uint8Array): SafetensorsHeader {
  const length = headerLength(bytes.subarray(0, 8), bytes.length);
  return parseHeader(bytes.subarray(8, 8 + length), bytes.length);
}

/**
 * A safetensors file of `tensors`. Tensors whose size is a multiple of 16 bytes come first, so that they all start at
 * such a multiple; the rest follow by the size of their elements, so that every element is aligned. The order in which
 * they are given does not show.
 */
export function writeSafetensors(tensors: readonly SafetensorsTensor[], metadata: Record<string, string>): Uint8Array {
  const ordered = tensors.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const header: JsonObject = { __metadata__: metadata };
  let size = 0;
  for (const { name, dtype, shape, data } of ordered) {
    header[name] = { dtype, shape, data_offsets: [size, size + data.length] };
    size += data.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((json.length + 8) / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(start + size).fill(0x20, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  let offset = start;
  for (const { data } of ordered) {
    file.set(data, offset);
    offset += data.length;
  }
  return file;
}

function rank({ dtype, data }: SafetensorsTensor): number {
  if (data.length % ALIGNMENT === 0) return 0;
  return 16 - (ELEMENT_BYTES.get(dtype) ?? 1);
}

function parseMetadata(value: JsonObject): Map<string, string> {
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new Map(entries);
}

function parseEntry(name: string, value: JsonObject, start: number, fileSize: number): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets } = value;
  const size = typeof dtype === 'string' ? ELEMENT_BYTES.get(dtype) : undefined;
  if (typeof dtype !== 'string' || size === undefined) throw unsupported(`${quote(name)} has an unknown number type.`);
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every((n) => isWhole(n, 0))) {
    throw unsupported(`${quote(name)} has no readable shape.`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !isWhole(offsets[0], 0) || !isWhole(offsets[1], offsets[0])) {
    throw unsupported(`${quote(name)} has no readable place in the file.`);
  }
  const [begin, end] = [offsets[0] + start, offsets[1] + start];
  const wanted = shape.reduce((product: number, n: number) => product * n, size);
  if (end > fileSize) throw unsupported(`${quote(name)} lies beyond the end of the file.`);
  if (end - begin !== wanted) throw unsupported(`${quote(name)} has another size than its shape says.`);
  return { dtype, shape: shape as number[], begin, end };
}

function quote(name: string): string {
  return `“${name.slice(0, 80)}”`;
}
