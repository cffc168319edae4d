/** Requests sent before it is certain that they are wanted, so that several are on their way at once. */

/** A `fetch` that takes the answer of a foreseen request, once, and asks for everything else itself. */
export class Foresight {
  readonly #fetch: typeof fetch;
  readonly #sent = new Map<string, { answer: Promise<Response>; abort: AbortController }>();

  constructor(fetchFile: typeof fetch) {
    this.#fetch = fetchFile;
  }

  /** Sends a GET whose answer {@link Foresight.fetch} will give to whoever asks for `url` next. */
  send(url: string, init: RequestInit): void {
    if (this.#sent.has(url)) return;
    const abort = new AbortController();
    const answer = this.#fetch(url, { ...init, signal: abort.signal });
    // Who asks for it learns of a failure; nobody has to.
    answer.catch(() => undefined);
    this.#sent.set(url, { answer, abort });
  }

  readonly fetch: typeof fetch = (input, init) => {
    const url = String(input);
    const sent = this.#sent.get(url);
    if (!sent) return this.#fetch(input, init);
    this.#sent.delete(url);
    const stop = (): void => sent.abort.abort(init?.signal?.reason);
    if (init?.signal?.aborted) stop();
    init?.signal?.addEventListener('abort', stop, { once: true });
    return sent.answer;
  };

  /** Stops what nobody asked for. */
  close(): void {
    for (const { abort } of this.#sent.values()) abort.abort();
    this.#sent.clear();
  }
}
