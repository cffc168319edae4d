import type { LinearShape } from './linear.ts';

/** How work is cut into workgroups and threads. */
export interface Grain {
  linear: Pick<LinearShape, 'threads' | 'lanes' | 'columns'>;
  /** Threads of the workgroup that sums up a row of logits. */
  rowThreads: number;
}

/** On a GPU: many threads, with little to do each, whose loads lie side by side. */
const HARDWARE: Grain = { linear: { threads: 64, lanes: 8, columns: 1 }, rowThreads: 256 };
/** Where a CPU plays the GPU, a thread and a barrier cost more than what is done between them, and no load is shared. */
const SOFTWARE: Grain = { linear: { threads: 8, lanes: 1, columns: 8 }, rowThreads: 32 };

export function grainOf(software: boolean): Grain {
  return software ? SOFTWARE : HARDWARE;
}
