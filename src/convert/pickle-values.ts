/** What a state dict's pickle may contain, and the only names of Python's that it may mention. */
import type { VerseletError } from '../errors.ts';
import { unsupported } from './bytes.ts';

/** A storage that `persistent_load` would fetch: `data/<key>` in the archive. */
export class StorageRef {
  readonly type: string;
  readonly key: string;
  readonly count: number;

  constructor(type: string, key: string, count: number) {
    this.type = type;
    this.key = key;
    this.count = count;
  }
}

/** A tensor as `_rebuild_tensor_v2` was asked to make it; offset and strides count elements. */
export class TensorRef {
  readonly storage: StorageRef;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: StorageRef, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** A name of Python's that was allowed to be mentioned. */
export class GlobalRef {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

export type Dict = Map<Value, Value>;
export type Value = string | number | boolean | null | Value[] | Tuple | Dict | GlobalRef | StorageRef | TensorRef;

const ORDERED_DICT = 'collections OrderedDict';
const REBUILD_TENSOR = 'torch._utils _rebuild_tensor_v2';
const REBUILD_PARAMETER = 'torch._utils _rebuild_parameter';
const STORAGE = /^torch ((?:Double|Float|Half|BFloat16|Long|Int|Short|Char|Byte|Bool)Storage)$/;
const MAX_DIMENSIONS = 8;

/** The items of a tuple, or undefined for any other value. */
export function tupleItems(value: Value): readonly Value[] | undefined {
  return value instanceof Tuple ? value.items : undefined;
}

/** @throws VerseletError `unsupported-model` for a name that state dicts do not mention. */
export function allowedGlobal(name: string): GlobalRef {
  const allowed = name === ORDERED_DICT || name === REBUILD_TENSOR || name === REBUILD_PARAMETER || STORAGE.test(name);
  if (!allowed) throw refusal(`wants Python's ${name.replace(/[^\w. ]/g, '?').slice(0, 60).replace(' ', '.')}`);
  return new GlobalRef(name);
}

/** The storage that a persistent id names. @throws VerseletError `unsupported-model`. */
export function storageRef(id: Value): StorageRef {
  const [kind, type, key, , count] = tupleItems(id) ?? [];
  const name = type instanceof GlobalRef ? STORAGE.exec(type.name)?.[1] : undefined;
  const fine = kind === 'storage' && name !== undefined && typeof key === 'string' && isSize(count);
  if (!fine) throw refusal('names an unknown storage');
  return new StorageRef(name, key, count);
}

/** What calling `callable` would give, as a description. @throws VerseletError `unsupported-model`. */
export function reduce(callable: Value, args: Value): Value {
  const items = tupleItems(args);
  const name = callable instanceof GlobalRef ? callable.name : undefined;
  if (items === undefined || name === undefined) throw refusal('calls something');
  if (name === ORDERED_DICT && items.length === 0) return new Map();
  if (name === REBUILD_PARAMETER && items[0] instanceof TensorRef) return items[0];
  if (name !== REBUILD_TENSOR) throw refusal('calls something');
  const [storage, offset, shape, strides] = items;
  const [sizes, steps] = [shape, strides].map((value) => (value === undefined ? undefined : tupleItems(value)));
  const fine = storage instanceof StorageRef && isSize(offset) && sizes?.every(isSize) && steps?.every(isSize);
  if (!fine || sizes!.length !== steps!.length || sizes!.length > MAX_DIMENSIONS) throw refusal('describes no readable tensor');
  return new TensorRef(storage, offset, sizes as number[], steps as number[]);
}

function isSize(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The error of every pickle that is no state dict. */
export function refusal(what: string): VerseletError {
  return unsupported(`The checkpoint's pickle ${what}, which is no part of a GPT-2's weights. Nothing of it was run.`);
}
