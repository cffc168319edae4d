/**
 * Reads the pickles that PyTorch writes for state dicts. Nothing is ever executed: opcodes that state dicts do not use are
 * refused, and the few globals that they do use become plain descriptions. (Opcodes: CPython's Lib/pickletools.py.)
 */
import type { Value } from './pickle-values.ts';
import { unsupported } from './bytes.ts';
import { PickleReader } from './pickle-reader.ts';
import { allowedGlobal, reduce, refusal, storageRef, Tuple } from './pickle-values.ts';

const MARK = Symbol('mark');
/** GPT-2 XL has 580 tensors and 60 kB of pickle; these are far beyond and still cheap. */
const LIMITS = { bytes: 32 * 2 ** 20, stack: 1_000_000, memo: 2_000_000 };

/**
 * The value that the pickle at `offset` describes, and where the bytes after it begin.
 * @throws VerseletError `unsupported-model` for anything that a state dict has not.
 */
export function parsePickle(bytes: Uint8Array, offset = 0): { value: Value; end: number } {
  if (bytes.length - offset > LIMITS.bytes) throw unsupported('The checkpoint has a pickle that is too large for a state dict.');
  return new Unpickler(new PickleReader(bytes, offset)).run();
}

class Unpickler {
  private readonly reader: PickleReader;
  private readonly stack: (Value | typeof MARK)[] = [];
  private readonly memo = new Map<number, Value>();

  constructor(reader: PickleReader) {
    this.reader = reader;
  }

  run(): { value: Value; end: number } {
    for (;;) {
      const opcode = this.reader.unsigned(1);
      if (opcode === 0x2e) return { value: this.pop(), end: this.reader.at };
      this.step(opcode);
      if (this.stack.length > LIMITS.stack || this.memo.size > LIMITS.memo) throw refusal('is too large');
    }
  }

  private step(opcode: number): void {
    if (this.plain(opcode) || this.memoize(opcode) || this.build(opcode)) return;
    throw refusal(`uses the opcode 0x${opcode.toString(16)}`);
  }

  /** Opcodes that push one value, or none. */
  private plain(opcode: number): boolean {
    switch (opcode) {
      case 0x80: // PROTO
        if (this.reader.unsigned(1) > 5) throw refusal('is of an unknown protocol');
        return true;
      case 0x95: // FRAME
        this.reader.take(8);
        return true;
      case 0x28: // MARK
        return this.push(MARK);
      case 0x4e: // NONE
        return this.push(null);
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        return this.push(opcode === 0x88);
      case 0x4b: // BININT1
        return this.push(this.reader.unsigned(1));
      case 0x4d: // BININT2
        return this.push(this.reader.unsigned(2));
      case 0x4a: // BININT
        return this.push(this.reader.unsigned(4) | 0);
      case 0x8a: // LONG1
        return this.push(this.reader.long(this.reader.unsigned(1)));
      case 0x47: // BINFLOAT
        return this.push(this.reader.float());
      case 0x8c: // SHORT_BINUNICODE
      case 0x58: // BINUNICODE
      case 0x8d: // BINUNICODE8
        return this.push(this.reader.text(this.reader.unsigned(opcode === 0x8c ? 1 : opcode === 0x58 ? 4 : 8)));
      case 0x7d: // EMPTY_DICT
        return this.push(new Map());
      case 0x5d: // EMPTY_LIST
        return this.push([]);
      case 0x29: // EMPTY_TUPLE
        return this.push(new Tuple([]));
      default:
        return false;
    }
  }

  private memoize(opcode: number): boolean {
    switch (opcode) {
      case 0x71: // BINPUT
        this.memo.set(this.reader.unsigned(1), this.top());
        return true;
      case 0x72: // LONG_BINPUT
        this.memo.set(this.reader.unsigned(4), this.top());
        return true;
      case 0x94: // MEMOIZE
        this.memo.set(this.memo.size, this.top());
        return true;
      case 0x68: // BINGET
        return this.push(this.remembered(this.reader.unsigned(1)));
      case 0x6a: // LONG_BINGET
        return this.push(this.remembered(this.reader.unsigned(4)));
      default:
        return false;
    }
  }

  /** Opcodes that make a value of others. */
  private build(opcode: number): boolean {
    switch (opcode) {
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.push(new Tuple(this.popMany(opcode - 0x84)));
      case 0x74: // TUPLE
        return this.push(new Tuple(this.popToMark()));
      case 0x73: // SETITEM
        return this.setItems(this.popMany(2));
      case 0x75: // SETITEMS
        return this.setItems(this.popToMark());
      case 0x61: // APPEND
        return this.append(this.popMany(1));
      case 0x65: // APPENDS
        return this.append(this.popToMark());
      case 0x63: // GLOBAL
        return this.push(allowedGlobal(`${this.reader.line()} ${this.reader.line()}`));
      case 0x93: { // STACK_GLOBAL
        const [module, name] = this.popMany(2);
        return this.push(allowedGlobal(`${String(module)} ${String(name)}`));
      }
      case 0x51: // BINPERSID
        return this.push(storageRef(this.pop()));
      case 0x52: { // REDUCE
        const [callable, args] = this.popMany(2);
        return this.push(reduce(callable!, args!));
      }
      case 0x62: { // BUILD: an OrderedDict's attributes (`_metadata`), which say nothing about the weights
        const [target] = this.popMany(2);
        if (!(target instanceof Map)) throw refusal('builds an object');
        return this.push(target);
      }
      default:
        return false;
    }
  }

  private setItems(items: Value[]): true {
    const dict = this.top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw refusal('is damaged');
    for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
    return true;
  }

  private append(items: Value[]): true {
    const list = this.top();
    if (!Array.isArray(list)) throw refusal('is damaged');
    for (const item of items) list.push(item);
    return true;
  }

  private push(value: Value | typeof MARK): true {
    this.stack.push(value);
    return true;
  }

  private top(): Value {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) throw refusal('is damaged');
    return value;
  }

  private pop(): Value {
    const value = this.top();
    this.stack.length -= 1;
    return value;
  }

  private popMany(count: number): Value[] {
    return Array.from({ length: count }, () => this.pop()).toReversed();
  }

  private popToMark(): Value[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw refusal('is damaged');
    const items = this.stack.splice(mark).slice(1);
    return items as Value[];
  }

  private remembered(index: number): Value {
    const value = this.memo.get(index);
    if (value === undefined) throw refusal('is damaged');
    return value;
  }
}
