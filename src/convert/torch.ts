/** PyTorch's checkpoints: the zip archive of today (torch 1.6 and later) and the stream of pickles before it. */
import type { ByteSource } from './types.ts';
import type { Checkpoint, CheckpointTensor } from './tensor.ts';
import type { Dict, StorageRef, Value } from './pickle-values.ts';
import type { ZipEntry } from './zip.ts';
import { unsupported } from './bytes.ts';
import { parsePickle } from './pickle.ts';
import { TensorRef } from './pickle-values.ts';
import { readAhead } from './read-ahead.ts';
import { entrySource, openZip } from './zip.ts';

/** safetensors' names for the storages' number types, and bytes an element. */
const NUMBER_TYPES = new Map([
  ['DoubleStorage', { dtype: 'F64', bytes: 8 }],
  ['FloatStorage', { dtype: 'F32', bytes: 4 }],
  ['HalfStorage', { dtype: 'F16', bytes: 2 }],
  ['BFloat16Storage', { dtype: 'BF16', bytes: 2 }],
  ['LongStorage', { dtype: 'I64', bytes: 8 }],
  ['IntStorage', { dtype: 'I32', bytes: 4 }],
  ['ShortStorage', { dtype: 'I16', bytes: 2 }],
  ['CharStorage', { dtype: 'I8', bytes: 1 }],
  ['ByteStorage', { dtype: 'U8', bytes: 1 }],
  ['BoolStorage', { dtype: 'BOOL', bytes: 1 }],
]);

/** Keys under which trainers put the state dict beside other things. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model'];
/** The pickle of the number that old checkpoints begin with. */
const LEGACY_MAGIC = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
/** What precedes the weights of an old checkpoint: far more than the pickles of any GPT-2. */
const LEGACY_HEAD_BYTES = 8 * 2 ** 20;

/** Whether a file that begins with `start` is a checkpoint of PyTorch's. */
export function isTorch(start: Uint8Array): boolean {
  const zip = start[0] === 0x50 && start[1] === 0x4b;
  return zip || isLegacy(start);
}

/**
 * The tensors of a `pytorch_model.bin`; the pickle in it is parsed, never executed.
 * @throws VerseletError `unsupported-model`, and what the source throws.
 */
export async function openTorch(source: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
  const start = await source.read(0, Math.min(LEGACY_MAGIC.length, source.size), signal);
  return isLegacy(start) ? openLegacy(source, signal) : openArchive(source, signal);
}

async function openArchive(file: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
  const source = readAhead(file);
  const entries = await openZip(source, signal);
  const pickle = [...entries.values()].find(({ name }) => name === 'data.pkl' || name.endsWith('/data.pkl'));
  if (pickle === undefined) throw unsupported('The archive holds no PyTorch checkpoint.');
  const root = pickle.name.slice(0, -'data.pkl'.length);
  const read = (entry: ZipEntry) => entrySource(source, entry).read(0, entry.size, signal);
  const order = entries.get(`${root}byteorder`);
  if (order !== undefined && (order.size > 16 || new TextDecoder().decode(await read(order)) !== 'little')) throw unsupported('The checkpoint is big-endian.');
  if (pickle.size > LEGACY_HEAD_BYTES) throw unsupported('The checkpoint has a pickle that is too large for a state dict.');
  const { value } = parsePickle(await read(pickle));
  const storages = new Map<string, { source: ByteSource; position: number }>();
  return tensorsOf(value, (storage, bytes) => {
    const known = storages.get(storage.key);
    if (known !== undefined) return known;
    const entry = entries.get(`${root}data/${storage.key}`);
    if (entry === undefined || entry.size !== bytes) throw unsupported('The checkpoint archive misses a part of the weights.');
    const place = { source: entrySource(source, entry), position: entry.offset };
    storages.set(storage.key, place);
    return place;
  });
}

/** Old: magic number, protocol, system facts, state dict, storage keys, then each storage after its count of elements. */
async function openLegacy(source: ByteSource, signal?: AbortSignal): Promise<Checkpoint> {
  const head = await source.read(0, Math.min(LEGACY_HEAD_BYTES, source.size), signal);
  let at = LEGACY_MAGIC.length;
  const next = () => {
    const { value, end } = parsePickle(head, at);
    at = end;
    return value;
  };
  if (next() !== 1001) throw unsupported('The checkpoint is of an unknown version.');
  const system = next();
  if (!(system instanceof Map) || system.get('little_endian') !== true) throw unsupported('The checkpoint is big-endian.');
  const state = next();
  const keys = next();
  if (!Array.isArray(keys)) throw unsupported('The checkpoint is damaged.');
  const order = new Map(keys.map((key, i) => [key, i]));
  const sizes = new Map<Value, number>();
  const named = tensorsOf(state, (storage, bytes) => {
    if (!order.has(storage.key)) throw unsupported('The checkpoint misses a part of the weights.');
    sizes.set(storage.key, bytes);
    return { source, position: order.get(storage.key)! };
  });
  const places = new Map<number, number>();
  for (const [key, index] of order) {
    const bytes = sizes.get(key);
    if (bytes === undefined || at + 8 + bytes > source.size) throw unsupported('The checkpoint misses a part of the weights.');
    places.set(index, at + 8);
    at += 8 + bytes;
  }
  return new Map([...named].map(([name, tensor]) => {
    const place = places.get(tensor.position)!;
    return [name, { ...tensor, offset: tensor.offset + place, position: place }];
  }));
}

/** Where a storage of `bytes` bytes lies: tensors' offsets count from the start of `source`. */
type Place = (storage: StorageRef, bytes: number) => { source: ByteSource; position: number };

function tensorsOf(value: Value, place: Place): Map<string, CheckpointTensor> {
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, tensor] of stateDict(value)) {
    if (typeof name !== 'string' || !(tensor instanceof TensorRef)) continue;
    const { storage, shape, offset } = tensor;
    const type = NUMBER_TYPES.get(storage.type)!;
    const count = shape.reduce((product, n) => product * n, 1);
    if (!isContiguous(tensor)) throw unsupported(`${name.slice(0, 80)} is stored with gaps or turned around, which is not supported.`);
    if (offset + count > storage.count) throw unsupported(`${name.slice(0, 80)} lies outside of its storage.`);
    const { source, position } = place(storage, storage.count * type.bytes);
    tensors.set(name, { dtype: type.dtype, shape, source, offset: offset * type.bytes, position });
  }
  return tensors;
}

function stateDict(value: Value): Dict {
  if (!(value instanceof Map)) throw unsupported('The checkpoint holds no state dict.');
  for (const key of WRAPPERS) {
    const inner = value.get(key);
    if (inner instanceof Map) return inner;
  }
  return value;
}

function isContiguous({ shape, strides }: TensorRef): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
}

function isLegacy(start: Uint8Array): boolean {
  return LEGACY_MAGIC.every((byte, i) => start[i] === byte);
}
