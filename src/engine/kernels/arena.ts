/** The kernels' memory: blocks given out and taken back, grown on demand. */

import { VerseletError } from '../../errors.ts';

const WASM_PAGE = 65_536;
/** What 32-bit addresses reach. */
const LIMIT_PAGES = 65_536;
/** A cache line: no vector load of a block that starts here crosses one. */
const ALIGNMENT = 64;
/** Kept free: address 0 means none, kernels may read a little before a block, and threads meet here. */
const RESERVED = 1024;

interface Span {
  start: number;
  bytes: number;
}

function outOfMemory(bytes: number): VerseletError {
  const mebibytes = Math.ceil(bytes / 1_048_576);
  return new VerseletError('out-of-memory', `No memory for ${mebibytes} MiB more on the CPU.`);
}

/** First-fit allocation in a growing WebAssembly memory. Addresses are byte offsets. */
export class Arena {
  readonly memory: WebAssembly.Memory;
  #end = RESERVED;
  /** Free spans before `#end`, by address, never adjacent. */
  #free: Span[] = [];

  /** @param memory of one page, by default one that is not shared. */
  constructor(memory = new WebAssembly.Memory({ initial: 1 })) {
    // No maximum unless threads ask for it: some engines set the whole of it aside.
    this.memory = memory;
  }

  /** Bytes that the memory holds, used or not. */
  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /**
   * A block of at least `bytes`, aligned to 64; its contents are undefined.
   * @throws VerseletError `out-of-memory`; nothing is changed then.
   */
  allocate(bytes: number): number {
    const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const index = this.#free.findIndex((span) => span.bytes >= size);
    if (index >= 0) {
      const span = this.#free[index]!;
      const { start } = span;
      span.start += size;
      span.bytes -= size;
      if (span.bytes === 0) this.#free.splice(index, 1);
      return start;
    }
    const start = this.#end;
    this.#reach(start + size);
    this.#end = start + size;
    return start;
  }

  /** Takes back the block of `bytes` that {@link allocate} gave at `start`. */
  release(start: number, bytes: number): void {
    const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    let index = this.#free.findIndex((span) => span.start > start);
    if (index < 0) index = this.#free.length;
    const before = this.#free[index - 1];
    const after = this.#free[index];
    const joinsBefore = before !== undefined && before.start + before.bytes === start;
    const joinsAfter = after !== undefined && start + size === after.start;
    if (joinsBefore && joinsAfter) {
      before.bytes += size + after.bytes;
      this.#free.splice(index, 1);
    } else if (joinsBefore) {
      before.bytes += size;
    } else if (joinsAfter) {
      after.start = start;
      after.bytes += size;
    } else {
      this.#free.splice(index, 0, { start, bytes: size });
    }
  }

  /** A view of `length` floats at `start`; stale after the next {@link allocate}. */
  floats(start: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, start, length);
  }

  /** A view of `length` unsigned 32-bit integers at `start`; stale after the next {@link allocate}. */
  words(start: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, start, length);
  }

  /** A view of `length` bytes at `start`; stale after the next {@link allocate}. */
  octets(start: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, start, length);
  }

  /** A new block that holds `values`, padded with zeros to `length` floats. */
  store(values: Float32Array, length: number = values.length): number {
    const start = this.allocate(length * 4);
    const view = this.floats(start, length);
    view.set(values);
    view.fill(0, values.length);
    return start;
  }

  #reach(end: number): void {
    const have = this.bytes;
    if (end <= have) return;
    const needed = Math.ceil((end - have) / WASM_PAGE);
    const room = LIMIT_PAGES - have / WASM_PAGE;
    if (needed > room) throw outOfMemory(end - have);
    // A quarter more than is there: engines that move a memory to grow it must not do so for every block.
    const ample = Math.min(room, Math.max(needed, Math.ceil(have / WASM_PAGE / 4)));
    if (!this.#grow(ample) && !this.#grow(needed)) throw outOfMemory(end - have);
  }

  #grow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }
}
