import { type ErrorData, VerseletError, asVerseletError, throwIfAborted } from '../errors.ts';
import type { Emotion, LineEvent, Poem, PoemRequest } from '../poetry/types.ts';
import type { Composer, ComposerOptions, LoadProgress } from '../worker/client.ts';
import { type ModelDesk, leadingEmotion } from './model-desk.ts';
import { type SessionEvent, type SessionState, initialState, isBusy, poemOf, reduce } from './session-state.ts';

/** Which model, from where, on what. */
export type ModelChoice = Pick<ComposerOptions, 'model' | 'hub' | 'device'>;

export type ComposerFactory = (options: ComposerOptions) => Promise<Composer>;

interface Held {
  key: string;
  composer: Composer;
}

interface SessionEvents {
  change: SessionState;
  progress: LoadProgress;
  line: LineEvent;
  poem: Poem;
  error: ErrorData;
}

function keyOf({ model, hub, device }: ModelChoice): string {
  return JSON.stringify([model, hub, device ?? 'auto']);
}

/** The choice as options: only what was chosen. */
function optionsOf({ model, hub, device = 'auto' }: ModelChoice): ComposerOptions {
  return { ...(model === undefined ? {} : { model }), ...(hub === undefined ? {} : { hub }), device };
}

/** The one owner of a composer: opens it when a poem is asked for, keeps it, and replaces it when the choice changes. */
export class Session {
  readonly #create: ComposerFactory;
  readonly #desk: ModelDesk | undefined;
  readonly #events = new EventTarget();
  #state = initialState;
  #held: Held | undefined;
  #abort: AbortController | undefined;
  #answer: ((agreed: boolean) => void) | undefined;

  /** @param desk Names the member of a set, and asks before large downloads; without one every choice is opened as it is. */
  constructor(create: ComposerFactory, desk?: ModelDesk) {
    this.#create = create;
    this.#desk = desk;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Listens; returns the function that ends it. */
  on<K extends keyof SessionEvents>(type: K, listener: (detail: SessionEvents[K]) => void): () => void {
    const handle = (event: Event) => listener((event as CustomEvent<SessionEvents[K]>).detail);
    this.#events.addEventListener(type, handle);
    return () => this.#events.removeEventListener(type, handle);
  }

  dispatch(event: SessionEvent): void {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#emit('change', next);
  }

  /** Writes a poem onto the page; resolves when it is finished, stopped or failed. Never rejects. */
  async compose(request: PoemRequest, choice: ModelChoice = {}): Promise<Poem | undefined> {
    if (isBusy(this.#state)) return undefined;
    const abort = new AbortController();
    this.#abort = abort;
    this.dispatch({ type: 'start', request, ready: this.#held?.key === keyOf(choice) });
    try {
      const composer = await this.#open(choice, leadingEmotion(request), abort.signal);
      const poem = await composer.compose(request, {
        signal: abort.signal,
        onLine: (line) => {
          if (this.#abort !== abort) return;
          this.dispatch({ type: 'line', line });
          this.#emit('line', line);
        },
        onWriting: (index, total) => this.#abort === abort && this.dispatch({ type: 'writing', index, total }),
        onDevice: (device) => this.dispatch({ type: 'device', device }),
      });
      if (this.#abort !== abort) return undefined;
      this.dispatch({ type: 'poem', poem });
      this.#emit('poem', poem);
      return poem;
    } catch (cause) {
      this.#failed(asVerseletError(cause), abort);
      return undefined;
    }
  }

  /**
   * Fetches a model so that it is kept for later; the open model stays open.
   * @throws VerseletError `aborted` when paused; what has come is kept.
   */
  readonly fetchModel = async (
    choice: ModelChoice,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<void> => {
    const composer = await this.#create({ ...optionsOf(choice), onProgress, signal });
    await composer.dispose();
  };

  /** Other lines that would fit at `index` of the page's poem, as it stands. @throws VerseletError */
  async alternatives(index: number, choice: ModelChoice, count = 4): Promise<string[]> {
    const poem = this.#state.page && poemOf(this.#state.page);
    if (!poem) return [];
    const composer = await this.#open(choice, leadingEmotion(poem.request));
    return composer.alternatives(poem, index, count);
  }

  /** The reader's word on the download that is asked about. */
  answer(agreed: boolean): void {
    this.#answer?.(agreed);
  }

  /** Stops at once; lines that are finished stay. */
  stop(): void {
    const abort = this.#abort;
    if (!abort || !isBusy(this.#state)) return;
    this.#abort = undefined;
    abort.abort();
    this.answer(false);
    this.dispatch({ type: 'stopped' });
  }

  async dispose(): Promise<void> {
    this.stop();
    const held = this.#held;
    this.#held = undefined;
    await held?.composer.dispose();
  }

  async #open(wish: ModelChoice, emotion: Emotion, signal?: AbortSignal): Promise<Composer> {
    const choice = (await this.#desk?.resolve(wish, emotion)) ?? wish;
    const key = keyOf(choice);
    const held = this.#held;
    if (held?.key === key) {
      const { model, device } = held.composer;
      if (this.#state.phase === 'loading') this.dispatch({ type: 'opened', model, device });
      return held.composer;
    }
    await this.#ask(choice, signal);
    this.#held = undefined;
    if (held) {
      this.dispatch({ type: 'closed' });
      await held.composer.dispose().catch(() => undefined);
    }
    const composer = await this.#create({
      ...optionsOf(choice),
      signal,
      onProgress: (progress) => {
        this.dispatch({ type: 'progress', progress });
        this.#emit('progress', progress);
      },
    });
    if (!this.#take({ key, composer }, signal !== undefined)) return this.#held!.composer;
    this.dispatch({ type: 'opened', model: composer.model, device: composer.device });
    return composer;
  }

  /** Asks the reader where much will travel. @throws VerseletError `aborted` where the answer is no. */
  async #ask(choice: ModelChoice, signal: AbortSignal | undefined): Promise<void> {
    const question = await this.#desk?.question(choice);
    throwIfAborted(signal);
    if (!question) return;
    this.answer(false);
    this.dispatch({ type: 'ask', question });
    let mine: ((agreed: boolean) => void) | undefined;
    const agreed = await new Promise<boolean>((resolve) => {
      mine = resolve;
      this.#answer = mine;
    });
    // A newer question has taken the place of this one, and waits for its own word.
    if (this.#answer === mine) {
      this.#answer = undefined;
      this.dispatch({ type: 'ask', question: undefined });
    }
    if (!agreed) throw new VerseletError('aborted', 'The model was not fetched.', { hint: 'Choose another model.' });
    this.#desk?.agree(choice);
  }

  /** Lines and a poem asked for at once may both open a model: one is held, and the poem's wish decides which. */
  #take(mine: Held, forPoem: boolean): boolean {
    const other = this.#held;
    if (other && (other.key === mine.key || !forPoem)) {
      void mine.composer.dispose().catch(() => undefined);
      return false;
    }
    this.#hold(mine);
    return true;
  }

  /** Lets go of the composer before. */
  #hold(next: Held | undefined): void {
    void this.#held?.composer.dispose().catch(() => undefined);
    this.#held = next;
  }

  #failed(error: VerseletError, abort: AbortController): void {
    if (this.#abort !== abort) return;
    if (error.code === 'device-lost' || error.code === 'out-of-memory') this.#hold(undefined);
    if (error.code === 'aborted') {
      this.dispatch({ type: 'stopped' });
      return;
    }
    this.dispatch({ type: 'failed', error: error.toData() });
    this.#emit('error', error.toData());
  }

  #emit<K extends keyof SessionEvents>(type: K, detail: SessionEvents[K]): void {
    this.#events.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
