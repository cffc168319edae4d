/** Between two pings, ms. */
export const BEAT_MS = 10_000;
/**
 * Pings in a row that may stay without any message. A worker looks at its messages between two steps of the model, of
 * which a large model on a slow phone makes one in seconds; opening a model is where compilers may take tens of them.
 */
export const PATIENCE = { open: 12, other: 6 };

/**
 * Notices that a worker has fallen silent while something waits for it. Beats are counted, not the time: a device that
 * slept for an hour has missed one.
 */
export class Heartbeat {
  readonly #ping: () => void;
  readonly #onSilence: (seconds: number) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #unanswered = 0;

  /** @param onSilence Told after how many seconds; the heart has stopped by then. */
  constructor(ping: () => void, onSilence: (seconds: number) => void) {
    this.#ping = ping;
    this.#onSilence = onSilence;
  }

  /** Watches until {@link rest}; `patience` is asked at each beat. */
  watch(patience: () => number): void {
    this.#timer ??= setInterval(() => this.#beat(patience()), BEAT_MS);
  }

  /** The worker has said something. */
  heard(): void {
    this.#unanswered = 0;
  }

  /** Nothing waits any more. */
  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#unanswered = 0;
  }

  #beat(patience: number): void {
    if (this.#unanswered >= patience) {
      this.rest();
      this.#onSilence((patience * BEAT_MS) / 1000);
      return;
    }
    this.#unanswered += 1;
    this.#ping();
  }
}
