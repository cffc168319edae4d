/** Reads zip archives, also large ones (zip64), by random access (APPNOTE.TXT of PKWARE). */
import type { ByteSource } from './types.ts';
import { unsupported } from './bytes.ts';

export interface ZipEntry {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  compressedSize: number;
  size: number;
  /** Of the local header, in bytes. */
  offset: number;
}

const END = { signature: 0x06054b50, bytes: 22, maxComment: 65_535 };
const END64_LOCATOR = { signature: 0x07064b50, bytes: 20 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const ZIP64_EXTRA = 1;
const ENCRYPTED = 1;
const MAX_DIRECTORY_BYTES = 16 * 2 ** 20;
/** Deflate cannot do better than this, so a larger claim is a lie. */
const MAX_RATIO = 1032;
const utf8 = new TextDecoder();

/** The entries of an archive, by name. @throws VerseletError `unsupported-model` for a damaged archive. */
export async function openZip(source: ByteSource, signal?: AbortSignal): Promise<Map<string, ZipEntry>> {
  const { offset, size } = await findDirectory(source, signal);
  if (size > MAX_DIRECTORY_BYTES || offset + size > source.size) throw damaged();
  const bytes = await source.read(offset, size, signal);
  const view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  while (at + CENTRAL.bytes <= size && view.getUint32(at, true) === CENTRAL.signature) {
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const end = at + CENTRAL.bytes + nameLength + extraLength + view.getUint16(at + 32, true);
    if (end > size) throw damaged();
    const entry = readEntry(view, at, nameLength, extraLength);
    if (entry.offset + LOCAL.bytes + entry.compressedSize > offset) throw damaged();
    entries.set(entry.name, entry);
    at = end;
  }
  return entries;
}

/** The content of an entry as a source; a deflated one is inflated as a whole at its first read. */
export function entrySource(source: ByteSource, entry: ZipEntry): ByteSource {
  let start: number | undefined;
  let inflated: Uint8Array | undefined;
  const dataStart = async (signal?: AbortSignal) => {
    const view = viewOf(await source.read(entry.offset, LOCAL.bytes, signal));
    if (view.getUint32(0, true) !== LOCAL.signature) throw damaged();
    return entry.offset + LOCAL.bytes + view.getUint16(26, true) + view.getUint16(28, true);
  };
  return {
    size: entry.size,
    fresh: source.fresh && entry.method === 0,
    async read(offset, length, signal) {
      if (offset < 0 || length < 0 || offset + length > entry.size) throw damaged();
      start ??= await dataStart(signal);
      if (start + entry.compressedSize > source.size) throw damaged();
      if (entry.method === 0) return source.read(start + offset, length, signal);
      inflated ??= await inflate(await source.read(start, entry.compressedSize, signal), entry.size);
      return inflated.subarray(offset, offset + length);
    },
  };
}

async function findDirectory(source: ByteSource, signal?: AbortSignal): Promise<{ offset: number; size: number }> {
  const length = Math.min(source.size, END.bytes + END.maxComment + END64_LOCATOR.bytes);
  const tail = await source.read(source.size - length, length, signal);
  const view = viewOf(tail);
  let at = length - END.bytes;
  while (at >= 0 && view.getUint32(at, true) !== END.signature) at -= 1;
  if (at < 0) throw damaged();
  const size = view.getUint32(at + 12, true);
  const offset = view.getUint32(at + 16, true);
  const locator = at - END64_LOCATOR.bytes;
  const has64 = locator >= 0 && view.getUint32(locator, true) === END64_LOCATOR.signature;
  if (!has64 || (size !== 0xffffffff && offset !== 0xffffffff)) return { offset, size };
  const place = Number(view.getBigUint64(locator + 8, true));
  if (place + END64.bytes > source.size) throw damaged();
  const end = viewOf(await source.read(place, END64.bytes, signal));
  if (end.getUint32(0, true) !== END64.signature) throw damaged();
  return { size: Number(end.getBigUint64(40, true)), offset: Number(end.getBigUint64(48, true)) };
}

function readEntry(view: DataView, at: number, nameLength: number, extraLength: number): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  if ((flags & ENCRYPTED) !== 0 || (method !== 0 && method !== 8)) throw unsupported('The checkpoint archive is encrypted or packed unusually.');
  const nameStart = view.byteOffset + at + CENTRAL.bytes;
  const name = utf8.decode(new Uint8Array(view.buffer, nameStart, nameLength));
  // The order in which the zip64 field lists those of them that do not fit into 32 bits.
  const fields = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  const [size, compressedSize, offset] = widen(fields, view, at + CENTRAL.bytes + nameLength, extraLength) as [number, number, number];
  if (method === 0 && size !== compressedSize) throw damaged();
  if (method === 8 && size > compressedSize * MAX_RATIO) throw damaged();
  return { name, method, compressedSize, size, offset };
}

function widen(fields: number[], view: DataView, at: number, length: number): number[] {
  if (!fields.includes(0xffffffff)) return fields;
  let field = at;
  while (field + 4 <= at + length) {
    const bytes = view.getUint16(field + 2, true);
    if (view.getUint16(field, true) === ZIP64_EXTRA) {
      let next = field + 4;
      const end = Math.min(next + bytes, at + length);
      return fields.map((value) => {
        if (value !== 0xffffffff) return value;
        if (next + 8 > end) throw damaged();
        next += 8;
        return Number(view.getBigUint64(next - 8, true));
      });
    }
    field += 4 + bytes;
  }
  throw damaged();
}

async function inflate(bytes: Uint8Array, size: number): Promise<Uint8Array> {
  const out = new Uint8Array(size);
  let filled = 0;
  const reader = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw unsupported('The checkpoint archive is damaged.', cause);
    });
    if (done) break;
    if (filled + value.length > size) {
      await reader.cancel();
      throw damaged();
    }
    out.set(value, filled);
    filled += value.length;
  }
  if (filled !== size) throw damaged();
  return out;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged() {
  return unsupported('The checkpoint archive is damaged.');
}
