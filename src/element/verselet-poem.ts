import { LitElement } from 'lit';
import { VerseletError, asVerseletError, throwIfAborted } from '../errors.ts';
import { type Composer, type ComposerOptions, type LoadProgress, createComposer } from '../worker/client.ts';
import { parseRequest } from '../poetry/request.ts';
import type { LineEvent, Poem, PoemRequest } from '../poetry/types.ts';
import { describeProgress, elementStrings as text } from '../ui/element-strings.ts';
import { requestFromAttributes } from './request-from-attributes.ts';
import { styles } from './verselet-poem.styles.ts';
import { template } from './verselet-poem.template.ts';
import type { VerseletEventMap } from './events.ts';

const TEXTS = ['emotion', 'form', 'theme', 'titleText', 'firstLine', 'model', 'hub', 'device', 'seed', 'lines'] as const;

/**
 * A poem that writes itself in the reader's browser.
 *
 * @summary Writes an original poem with a small GPT-2 on the reader's own device.
 * @tag verselet-poem
 * @attr {string} emotion - anger, anticipation, disgust, fear, joy, sadness, surprise, trust or neutral
 * @attr {string} form - free, couplets, quatrains, ballad, limerick, haiku, tanka, cinquain, triolet, sonnet, petrarchan or villanelle
 * @attr {string} theme - what the poem is about
 * @attr {string} title-text - the poem's title; absent: the model writes one
 * @attr {string} first-line - the poem's first line
 * @attr {string} model - model id, `org/name[@revision]`, or the URL of a model folder
 * @attr {string} hub - a server with the hub's URL layout
 * @attr {string} device - auto, webgpu or wasm
 * @attr {string} seed - the same seed gives the same poem
 * @attr {string} lines - number of lines, where the form leaves it open
 * @attr {boolean} autostart - writes as soon as it is on the page
 * @slot - shown until the element is defined
 * @fires {CustomEvent<LoadProgress>} verselet-progress - while the model loads
 * @fires {CustomEvent<LineEvent>} verselet-line - for each finished line
 * @fires {CustomEvent<Poem>} verselet-poem - the finished poem
 * @fires {CustomEvent<{code: string, message: string, hint: string}>} verselet-error - what failed, and what to do
 * @csspart poem - the whole poem
 * @csspart title - its title
 * @csspart stanza - one stanza
 * @csspart line - one line
 * @csspart controls - the row under the poem
 * @csspart button - the button that writes and stops
 * @csspart progress - the progress bar
 * @csspart status - the sentence about what is going on
 * @cssprop --verselet-font - typeface of the poem
 * @cssprop --verselet-ink - colour of the poem
 * @cssprop --verselet-paper - background
 * @cssprop --verselet-accent - colour of marks and focus
 * @cssprop --verselet-measure - width of the poem's column
 */
export class VerseletPoem extends LitElement {
  static override styles = styles;
  static override properties = {
    emotion: { reflect: true },
    form: { reflect: true },
    theme: { reflect: true },
    titleText: { attribute: 'title-text', reflect: true },
    firstLine: { attribute: 'first-line', reflect: true },
    model: { reflect: true },
    hub: { reflect: true },
    device: { reflect: true },
    seed: { reflect: true },
    lines: { reflect: true },
    autostart: { type: Boolean, reflect: true },
    _busy: { state: true },
    _title: { state: true },
    _lines: { state: true },
    _status: { state: true },
    _progress: { state: true },
  };

  declare emotion: string | null;
  declare form: string | null;
  declare theme: string | null;
  declare titleText: string | null;
  declare firstLine: string | null;
  declare model: string | null;
  declare hub: string | null;
  declare device: string | null;
  declare seed: string | number | null;
  declare lines: string | number | null;
  declare autostart: boolean;
  declare _busy: boolean;
  declare _title: string;
  declare _lines: LineEvent[];
  declare _status: string;
  declare _progress: LoadProgress | undefined;

  #poem: Poem | undefined;
  #composer: { key: string; composer: Composer } | undefined;
  #running: AbortController | undefined;
  #started = false;

  constructor() {
    super();
    for (const name of TEXTS) this[name] = null;
    this.autostart = false;
    this._busy = false;
    this._title = '';
    this._lines = [];
    this._status = '';
  }

  /** The last finished poem. */
  get poem(): Poem | undefined {
    return this.#poem;
  }

  /**
   * Writes a poem from the attributes, overridden by `request`; stops one that is being written. A bad request changes
   * nothing on the page but the status.
   * @returns the poem; rejects with a VerseletError, which is also told by `verselet-error`.
   */
  compose(request: PoemRequest = {}): Promise<Poem> {
    const written = this.#compose(request);
    written.catch(() => {}); // who only listens for events must not see an unhandled rejection
    return written;
  }

  /** Stops the poem that is being written; its finished lines stay. */
  stop(): void {
    this.#running?.abort();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // A move within the page disconnects and connects in one task.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.stop();
      this.#dropComposer();
      // Put back before its first poem was done, the element starts again.
      this.#started = this.#poem !== undefined;
    });
  }

  /** Here, not on connection: what a framework sets after insertion belongs to the first request. */
  protected override updated(): void {
    if (!this.autostart || this.#started || !this.isConnected) return;
    this.#started = true;
    queueMicrotask(() => this.isConnected && void this.compose());
  }

  async #compose(request: PoemRequest): Promise<Poem> {
    const running = new AbortController();
    try {
      const wanted = this.#wanted(request);
      this.#begin(running);
      const composer = await this.#open(running.signal);
      this._progress = undefined;
      this._status = text.writing;
      const poem = await composer.compose(wanted, { signal: running.signal, onLine: (line) => this.#addLine(line) });
      this.#finish(poem);
      return poem;
    } catch (cause) {
      const error = asVerseletError(cause);
      this.#fail(error, running);
      throw error;
    } finally {
      // Whoever composes while the element is on no page keeps no worker.
      if (!this.isConnected && !this.#running) this.#dropComposer();
    }
  }

  /** @throws VerseletError `bad-request`, before anything is loaded. */
  #wanted(request: unknown): PoemRequest {
    if (typeof request !== 'object' || request === null || Array.isArray(request)) {
      throw new VerseletError('bad-request', '"request" must be an object.');
    }
    const wanted: PoemRequest = { ...requestFromAttributes(this), ...request };
    parseRequest(wanted, () => 0);
    return wanted;
  }

  #begin(running: AbortController): void {
    this.stop();
    this.#running = running;
    this._busy = true;
    this._title = '';
    this._lines = [];
    this._progress = undefined;
    this._status = text.opening;
  }

  async #open(signal: AbortSignal): Promise<Composer> {
    const { model, hub, device } = this;
    const options: ComposerOptions = Object.fromEntries(Object.entries({ model, hub, device }).filter(([, value]) => value));
    const key = JSON.stringify(options);
    if (this.#composer?.key === key) return this.#composer.composer;
    this.#dropComposer();
    const composer = await createComposer({ ...options, signal, onProgress: (progress) => signal.aborted || this.#showProgress(progress) });
    this.#dropComposer();
    this.#composer = { key, composer };
    throwIfAborted(signal);
    return composer;
  }

  #dropComposer(): void {
    void this.#composer?.composer.dispose();
    this.#composer = undefined;
  }

  #showProgress(progress: LoadProgress): void {
    this._progress = progress;
    this._status = describeProgress(progress);
    this.#emit('verselet-progress', progress);
  }

  #addLine(line: LineEvent): void {
    this._lines = [...this._lines, line];
    this.#emit('verselet-line', line);
  }

  #finish(poem: Poem): void {
    this.#running = undefined;
    this.#poem = poem;
    this._busy = false;
    this._title = poem.title;
    this._status = '';
    this.#emit('verselet-poem', poem);
  }

  #fail(error: VerseletError, running: AbortController): void {
    if (this.#running === running) {
      this.#running = undefined;
      this._busy = false;
      this._progress = undefined;
    }
    if (!this.#running) this._status = error.code === 'aborted' ? text.stopped : `${error.message} ${error.hint}`;
    this.#emit('verselet-error', error.toData());
  }

  #emit<K extends keyof VerseletEventMap>(name: K, detail: VerseletEventMap[K]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  override render(): unknown {
    return template({
      language: this.lang || 'en',
      busy: this._busy,
      title: this._title,
      lines: this._lines,
      status: this._status,
      progress: this._progress,
      press: () => (this._busy ? this.stop() : void this.compose()),
    });
  }
}
