/**
 * How the threads of one model meet. All run the same code over the same memory: the engine's thread is number 0, its
 * helpers sleep in `serve` until a job is there. Binaries without threads compile to none of this.
 *
 * The words they meet at lie in the memory's first kilobyte, which the arena leaves free, a cache line each.
 */

/**
 * Counts jobs, above the number of threads that the job is for; helpers wait for it to change. One word: a helper that a
 * job is not for may be late, and must not read what is written for the next.
 */
const JOBS: usize = 64;
const THREAD_BITS: i32 = 4;
/** Helpers that are done with the job. */
const FINISHED: usize = 128;
/** Threads that have come to the barrier, and how often it has opened. */
const ARRIVED: usize = 192;
const PHASE: usize = 256;
/** Threads that sleep, wherever: nobody is woken where there are none. */
const SLEEPERS: usize = 320;
/** Not 0: a thread has failed, and no thread waits for another any more. `../threads.ts` has the same number. */
const FAILED: usize = 384;

/** Looks at a word before going to sleep: some microseconds, about what waking up takes. */
const SPINS: i32 = 4000;
/** A helper that does not answer for this long is gone, ns: far longer than any job. */
const PATIENCE: i64 = 30_000_000_000;

/** Waits until the word at `address` is not `value`, or a thread has failed. Asleep only where the thread may sleep. */
function awaitChange(address: usize, value: i32, maySleep: bool, patience: i64): void {
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<i32>(address) != value) return;
  }
  if (maySleep) {
    atomic.add<i32>(SLEEPERS, 1);
    while (atomic.load<i32>(address) == value && atomic.load<i32>(FAILED) == 0) {
      if (atomic.wait<i32>(address, value, patience) == AtomicWaitResult.TIMED_OUT) atomic.store<i32>(FAILED, 1);
    }
    atomic.sub<i32>(SLEEPERS, 1);
  } else {
    while (atomic.load<i32>(address) == value && atomic.load<i32>(FAILED) == 0) {}
  }
}

// @ts-ignore: decorator
@inline
function wake(address: usize): void {
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(address);
}

/** Returns when all `threads` have come here; what they wrote before is seen by all. */
export function meet(threads: i32, maySleep: bool): void {
  if (!ASC_FEATURE_THREADS) return;
  if (threads == 1) return;
  const phase = atomic.load<i32>(PHASE);
  if (atomic.add<i32>(ARRIVED, 1) == threads - 1) {
    atomic.store<i32>(ARRIVED, 0);
    atomic.store<i32>(PHASE, phase + 1);
    wake(PHASE);
  } else {
    awaitChange(PHASE, phase, maySleep, PATIENCE);
  }
}

/** Thread 0: lets the helpers of a job begin. */
export function announce(threads: i32): void {
  atomic.store<i32>(FINISHED, 0);
  const number = (atomic.load<i32>(JOBS) >>> THREAD_BITS) + 1;
  atomic.store<i32>(JOBS, (number << THREAD_BITS) | threads);
  wake(JOBS);
}

/** Thread 0: waits for all helpers. Returns false where one has failed. */
export function gather(threads: i32, maySleep: bool): bool {
  let finished = atomic.load<i32>(FINISHED);
  while (finished < threads - 1 && atomic.load<i32>(FAILED) == 0) {
    awaitChange(FINISHED, finished, maySleep, PATIENCE);
    finished = atomic.load<i32>(FINISHED);
  }
  return atomic.load<i32>(FAILED) == 0;
}

/** Helper: waits for another job than `last`. Returns it; `last` where a thread has failed. */
export function nextJob(last: i32): i32 {
  awaitChange(JOBS, last, true, -1);
  return atomic.load<i32>(JOBS);
}

/** Helper: how many threads a job is for. */
export function threadsOf(job: i32): i32 {
  return job & ((1 << THREAD_BITS) - 1);
}

/** Helper: done with the job. */
export function report(): void {
  atomic.add<i32>(FINISHED, 1);
  wake(FINISHED);
}
