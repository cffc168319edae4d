/** What a helper thread does, in browsers and in Node. */

export interface Task {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** 1 and up; the engine's own thread is 0. */
  thread: number;
  /** Index of the word (i32) that says that a thread has failed. */
  failed: number;
  /** Indices of the words that other threads may be waiting for. */
  meetings: readonly number[];
}

/**
 * Takes jobs until a thread fails; never returns otherwise. Self-contained, since Node is given its source.
 * @param ready told when the helper can take jobs.
 */
export function serve({ module, memory, thread, failed, meetings }: Task, ready: () => void): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  ready();
  try {
    (exports.serve as (thread: number) => void)(thread);
  } catch (error) {
    const words = new Int32Array(memory.buffer);
    Atomics.store(words, failed, 1);
    for (const word of meetings) Atomics.notify(words, word);
    throw error;
  }
}
