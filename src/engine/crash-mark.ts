/**
 * A mark that lies in storage while a GPU loads a model. A tab that dies on it (phones end a page that takes too much
 * memory) finds the mark when it is loaded again, and takes the CPU instead of dying for ever.
 */

/** The little storage that this needs; values are plain JSON. */
export interface KeyValue {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
}

interface Mark {
  gpu: string;
  /** Loads that did not end, in a row. */
  count: number;
  /** ms since 1970. */
  at: number;
}

const KEY = 'gpu-load';

/** A tab that is closed while it loads leaves a mark too: one mark alone is believed for ten minutes, two for a week. */
const ONCE = 10 * 60_000;
const TWICE = 7 * 86_400_000;

/** A database that another tab blocks may never open; a poem does not wait for it, ms. */
const TIMEOUT = 1000;

function isMark(value: unknown): value is Mark {
  const { gpu, count, at } = (value ?? {}) as Partial<Mark>;
  return typeof gpu === 'string' && typeof count === 'number' && typeof at === 'number';
}

/** What `work` gives; undefined when it fails or takes too long: storage must not keep anyone from a poem. */
async function attempt<T>(work: () => Promise<T> | undefined): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT, undefined);
  });
  try {
    return await Promise.race([work(), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Storage that fails is storage without a mark. */
export class CrashMark {
  readonly #store: KeyValue | undefined;
  readonly #now: () => number;

  constructor(store: KeyValue | undefined, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  async #read(): Promise<Mark | undefined> {
    const mark = await attempt(() => this.#store?.get(KEY));
    return isMark(mark) ? mark : undefined;
  }

  /** Whether the page ended lately while the adapter `gpu` was loading. */
  async found(gpu: string): Promise<boolean> {
    const mark = await this.#read();
    if (!mark || mark.gpu !== gpu) return false;
    return this.#now() - mark.at < (mark.count > 1 ? TWICE : ONCE);
  }

  /** Before the first work on the adapter `gpu`. */
  async set(gpu: string): Promise<void> {
    const before = await this.#read();
    const mark: Mark = { gpu, count: before?.gpu === gpu ? before.count + 1 : 1, at: this.#now() };
    await attempt(() => this.#store?.set(KEY, mark));
  }

  /** After the self-test, and after a failure that was caught. */
  async clear(): Promise<void> {
    await attempt(() => this.#store?.delete(KEY));
  }
}
