/** Many files, one {@link LoadProgress} that never goes back. Pure: the caller brings the time. */

import type { LoadProgress } from './types.ts';

const RATE_WINDOW_MS = 15_000;
const INTERVAL_MS = 100;

interface FileState {
  loaded: number;
  total: number;
}

export class ProgressMeter {
  readonly #report: (progress: LoadProgress) => void;
  readonly #files = new Map<string, FileState>();
  #phase: LoadProgress['phase'] = 'resolve';
  #file = '';
  #highest = 0;
  #fromNetwork = 0;
  #samples: { time: number; bytes: number }[] = [];
  #reportedAt = -Infinity;
  #dirty = false;

  constructor(report: (progress: LoadProgress) => void = () => {}) {
    this.#report = report;
  }

  /** Starts a phase: what was counted before is reported, then forgotten. */
  phase(phase: LoadProgress['phase'], file: string, now: number): void {
    this.flush(now);
    this.#files.clear();
    this.#phase = phase;
    this.#file = file;
    this.#highest = 0;
    this.#samples = [];
    this.#dirty = true;
    this.flush(now);
  }

  /** Announces a file of this phase. */
  expect(file: string, total: number): void {
    this.#files.set(file, { loaded: this.#files.get(file)?.loaded ?? 0, total });
  }

  /**
   * `loaded` bytes of `file` are there.
   * @param network bytes of them that came over the network since the last call; they make the rate.
   */
  advance(file: string, loaded: number, network: number, now: number): void {
    const state = this.#files.get(file) ?? { loaded: 0, total: 0 };
    this.#files.set(file, { loaded, total: Math.max(state.total, loaded) });
    this.#file = file;
    this.#fromNetwork += network;
    this.#sample(now);
    this.#dirty = true;
    const since = now - this.#reportedAt;
    // A clock that was set back must not silence the report.
    if (since >= INTERVAL_MS || since < 0) this.flush(now);
  }

  /** Says that `file`, which is all there, is compared with its hash; the phase goes on behind it. */
  verifying(file: string, now: number): void {
    this.flush(now);
    this.#tell('verify', file, now);
  }

  /** Reports now, unless nothing changed since the last report. */
  flush(now: number): void {
    if (this.#dirty) this.#tell(this.#phase, this.#file, now);
  }

  #tell(phase: LoadProgress['phase'], file: string, now: number): void {
    this.#dirty = false;
    this.#reportedAt = now;
    const states = [...this.#files.values()];
    const sum = (of: (state: FileState) => number): number => states.reduce((total, state) => total + of(state), 0);
    this.#highest = Math.max(
      this.#highest,
      sum((state) => state.loaded),
    );
    const total = Math.max(
      this.#highest,
      sum((state) => state.total),
    );
    const bytesPerSecond = this.#rate();
    const left = total - this.#highest;
    this.#report({
      phase,
      file,
      loaded: this.#highest,
      total,
      bytesPerSecond,
      etaSeconds: left === 0 ? 0 : bytesPerSecond > 0 ? left / bytesPerSecond : Infinity,
      fromCache: this.#fromNetwork === 0,
    });
  }

  #sample(now: number): void {
    const last = this.#samples.at(-1);
    // A jump of the clock, or a sleep, makes the old samples meaningless.
    if (last !== undefined && (now < last.time || now - last.time > RATE_WINDOW_MS)) this.#samples = [];
    const previous = this.#samples.at(-2);
    // Pieces come by the thousand a second: samples closer than the report's interval tell nothing more.
    if (previous !== undefined && now - previous.time < INTERVAL_MS) this.#samples.pop();
    this.#samples.push({ time: now, bytes: this.#fromNetwork });
    while (this.#samples.length > 2 && now - this.#samples[0]!.time > RATE_WINDOW_MS) this.#samples.shift();
  }

  #rate(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.time <= first.time) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.time - first.time);
  }
}
