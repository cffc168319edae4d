/** Helper threads: workers that share the kernels' memory and compute a part of every pass. */

import type { Worker as NodeWorker } from 'node:worker_threads';
import { serve } from './serve.ts';
import type { Task } from './serve.ts';

/** Indices of words that `assembly/threads.ts` names: jobs, finished, phase of the barrier, failed. */
const WORDS = { jobs: 16, finished: 32, phase: 64, failed: 96 } as const;

/** What 32-bit addresses reach, and what fits where an engine sets the whole of a shared memory aside; pages of 64 KiB. */
const MAXIMA = [65_536, 16_384];

/** A helper that is not ready by then is blocked or failed to load, ms. */
const START_TIMEOUT = 5000;

/** A started helper. */
export interface Thread {
  end(): void;
}

export interface ThreadEvents {
  ready(): void;
  /** It could not start, or has ended. */
  failed(why: string): void;
}

/** Starts one helper. @throws anything where workers are refused. */
export type StartThread = (task: Task, events: ThreadEvents) => Thread;

function startInBrowser(task: Task, { ready, failed }: ThreadEvents): Thread {
  const worker = new Worker(new URL('./thread.worker.ts', import.meta.url), { type: 'module', name: 'verselet-thread' });
  worker.addEventListener('message', ready);
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    failed(event.message || 'its script did not load');
  });
  worker.postMessage(task);
  return { end: () => worker.terminate() };
}

interface NodeProcess {
  getBuiltinModule?(name: 'node:worker_threads'): { Worker: typeof NodeWorker };
}

function nodeWorkers(): { Worker: typeof NodeWorker } | undefined {
  return (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:worker_threads');
}

/** Undefined where this is not Node. */
function nodeStarter(): StartThread | undefined {
  const workers = nodeWorkers();
  if (!workers) return undefined;
  return (task, { ready, failed }) => {
    const source = `const { parentPort, workerData } = require('node:worker_threads');
(${serve.toString()})(workerData, () => parentPort.postMessage('ready'));`;
    const worker = new workers.Worker(source, { eval: true, workerData: task });
    worker.on('message', ready);
    worker.on('error', (error) => failed(error.message));
    worker.on('exit', () => failed('it ended'));
    // An idle model does not keep Node alive.
    worker.unref();
    return { end: () => void worker.terminate() };
  };
}

/** A memory that threads can share. @throws where there is none. */
export function sharedMemory(): WebAssembly.Memory {
  let refusal: unknown;
  for (const maximum of MAXIMA) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** Whether this thread may sleep: the window's must not. */
export function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

export class Helpers {
  /** Resolves with a sentence when a helper has ended by itself: no pass can be computed any more. */
  readonly lost: Promise<string>;
  readonly #memory: WebAssembly.Memory;
  readonly #threads: Thread[] = [];
  #tellLost!: (message: string) => void;
  #ended = false;

  private constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.lost = new Promise((resolve) => {
      this.#tellLost = resolve;
    });
  }

  /**
   * Starts `count` helpers over `memory`.
   * @throws Error that says why they cannot be started; none is left then.
   */
  static async start(module: WebAssembly.Module, memory: WebAssembly.Memory, count: number, start = nodeStarter() ?? startInBrowser): Promise<Helpers> {
    const helpers = new Helpers(memory);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('they did not start in time')), START_TIMEOUT);
    });
    try {
      const ready = Array.from({ length: count }, (_, i) => helpers.#startOne(module, i + 1, start));
      await Promise.race([Promise.all(ready), late]);
      return helpers;
    } catch (error) {
      helpers.end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** How many there are. */
  get count(): number {
    return this.#threads.length;
  }

  end(): void {
    this.#ended = true;
    for (const thread of this.#threads) thread.end();
  }

  #startOne(module: WebAssembly.Module, thread: number, start: StartThread): Promise<void> {
    const { failed, finished, phase, jobs } = WORDS;
    const task: Task = { module, memory: this.#memory, thread, failed, meetings: [finished, phase, jobs] };
    return new Promise((resolve, reject) => {
      const events = {
        ready: resolve,
        failed: (why: string): void => {
          reject(new Error(why));
          this.#lose(why);
        },
      };
      this.#threads.push(start(task, events));
    });
  }

  /** Nobody waits for a thread that is no more. */
  #lose(why: string): void {
    if (this.#ended) return;
    Atomics.store(new Int32Array(this.#memory.buffer), WORDS.failed, 1);
    this.#tellLost(`A thread on the CPU stopped: ${why.replace(/[.\s]+$/, '')}.`);
  }
}
