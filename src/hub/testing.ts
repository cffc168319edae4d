/** For the tests of this folder: a clock that a test moves, and small model folders. */

import { createHash } from 'node:crypto';
import { VerseletError } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { DownloadContext } from './download.ts';
import { memoryKeyValue } from './key-value.ts';
import type { Locks } from './lease.ts';
import { ProgressMeter } from './progress.ts';
import { ModelStore } from './store.ts';
import type { LoadProgress } from './types.ts';

/** Waits pass at once and move the time; timers fire only when the time is moved. */
export class ManualClock implements Clock {
  time = 1_700_000_000_000;
  readonly waits: number[] = [];
  #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.time;
  }

  random(): number {
    return 0;
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    this.time += ms;
    await Promise.resolve();
    if (signal?.aborted) throw new VerseletError('aborted', 'The work was stopped.');
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that run. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    this.time += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.time) continue;
      this.#timers.delete(timer);
      timer.run();
    }
  }
}

/** Reports at once, whatever the time. */
class EagerMeter extends ProgressMeter {
  override advance(file: string, loaded: number, network: number, now: number): void {
    super.advance(file, loaded, network, now);
    this.flush(now);
  }
}

export interface TestContext extends DownloadContext {
  clock: ManualClock;
  reports: LoadProgress[];
  notices: VerseletError[];
  notice(error: VerseletError): void;
}

export function testContext(options: { signal?: AbortSignal; store?: ModelStore; locks?: Locks } = {}): TestContext {
  const clock = new ManualClock();
  const reports: LoadProgress[] = [];
  const notices: VerseletError[] = [];
  return {
    net: { fetch, clock, ...(options.signal !== undefined && { signal: options.signal }) },
    store: options.store ?? new ModelStore(memoryKeyValue(true), clock),
    locks: options.locks,
    meter: new EagerMeter((report) => reports.push(report)),
    onWriteFailure: 'throw',
    clock,
    reports,
    notices,
    notice: (error) => notices.push(error),
  };
}

/** Bytes that look random and are the same every time. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

export const GPT2_CONFIG = { model_type: 'gpt2', n_layer: 1, n_head: 2, n_embd: 8, vocab_size: 300, n_positions: 64 };

/** A model folder of our own layout; `seed` makes other weights. */
export function modelFolder(
  seed = 1,
  size = 1_500_000,
  card: Record<string, unknown> = {},
): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {
    'config.json': json(GPT2_CONFIG),
    'tokenizer.json': json({ model: { type: 'BPE' } }),
    'tokenizer_config.json': json({ seedless: true }),
    'verselet.safetensors': noise(size, seed),
    'model.safetensors': noise(2 * size, seed + 1000),
  };
  const listed = Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [path, { bytes: bytes.byteLength, sha256: sha256(bytes) }]),
  );
  const weights = { weights: 'verselet.safetensors', source: 'model.safetensors' };
  files['verselet.json'] = json({ dialect: 'plan', license: 'Apache-2.0', ...weights, files: listed, ...card });
  return files;
}

/** The error of a promise that must fail. */
export async function failure(promise: Promise<unknown>): Promise<VerseletError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof VerseletError) return error;
    throw error;
  }
  throw new Error('It succeeded.');
}

/** Lets the event loop turn until something holds. */
export async function seen(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
