import { LitElement, html, nothing } from 'lit';
import { type VerseletError, asVerseletError } from '../errors.ts';
import { type Composer, type ComposerOptions, type LoadProgress, createComposer } from '../worker/client.ts';
import type { LineEvent, Poem, PoemRequest } from '../poetry/types.ts';
import { describeProgress, elementStrings as text } from '../ui/element-strings.ts';
import { requestFromAttributes } from './request-from-attributes.ts';
import { styles } from './verselet-poem.styles.ts';
import type { VerseletEventMap } from './events.ts';

type State = 'idle' | 'loading' | 'writing' | 'done' | 'failed';

/**
 * A poem that writes itself in the reader's browser.
 *
 * @summary Writes an original poem with a small GPT-2 on the reader's own device.
 * @tag verselet-poem
 *
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
 *
 * @slot - shown until the element is defined
 * @fires {CustomEvent<LoadProgress>} verselet-progress - while the model loads
 * @fires {CustomEvent<LineEvent>} verselet-line - for each finished line
 * @fires {CustomEvent<Poem>} verselet-poem - the finished poem
 * @fires {CustomEvent<{code: string, message: string, hint: string}>} verselet-error - what failed, and what to do
 *
 * @csspart poem - the whole poem
 * @csspart title - its title
 * @csspart stanza - one stanza
 * @csspart line - one line
 * @csspart controls - the row under the poem
 * @csspart button - the button that writes and stops
 * @csspart progress - the progress bar
 * @csspart status - the sentence about what is going on
 *
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
    _state: { state: true },
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
  declare seed: string | null;
  declare lines: string | null;
  declare autostart: boolean;
  declare _state: State;
  declare _lines: LineEvent[];
  declare _status: string;
  declare _progress: LoadProgress | undefined;

  #poem: Poem | undefined;
  #composer: { key: string; promise: Promise<Composer> } | undefined;
  #running: AbortController | undefined;
  #started = false;

  constructor() {
    super();
    for (const name of ['emotion', 'form', 'theme', 'titleText', 'firstLine', 'model', 'hub', 'device', 'seed', 'lines'] as const) this[name] = null;
    this.autostart = false;
    this._state = 'idle';
    this._lines = [];
    this._status = '';
  }

  /** The last finished poem. */
  get poem(): Poem | undefined {
    return this.#poem;
  }

  /**
   * Writes a poem from the attributes, overridden by `request`; stops one that is being written.
   * @returns the poem; rejects with a VerseletError, which is also told by `verselet-error`.
   */
  compose(request: PoemRequest = {}): Promise<Poem> {
    const written = this.#compose(request);
    // Callers that only listen for events must not see an unhandled rejection.
    written.catch(() => {});
    return written;
  }

  /** Stops the poem that is being written; its finished lines stay. */
  stop(): void {
    this.#running?.abort();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.autostart && !this.#started) {
      this.#started = true;
      // Attributes that a framework sets after insertion belong to the first request.
      queueMicrotask(() => this.isConnected && this.compose());
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // A move within the page disconnects and connects in one task.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.stop();
      this.#dropComposer();
    });
  }

  async #compose(request: PoemRequest): Promise<Poem> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this._lines = [];
    this._state = 'loading';
    this._status = text.opening;
    try {
      const composer = await this.#open(running.signal);
      this._state = 'writing';
      this._progress = undefined;
      this._status = text.writing;
      const poem = await composer.compose({ ...requestFromAttributes(this), ...request }, { signal: running.signal, onLine: (line) => this.#addLine(line) });
      this.#finish(poem, running);
      return poem;
    } catch (cause) {
      const error = asVerseletError(cause);
      this.#fail(error, running);
      throw error;
    }
  }

  async #open(signal: AbortSignal): Promise<Composer> {
    const options: ComposerOptions = {};
    if (this.model) options.model = this.model;
    if (this.hub) options.hub = this.hub;
    if (this.device) options.device = this.device as ComposerOptions['device'];
    const key = JSON.stringify(options);
    if (this.#composer?.key !== key) this.#dropComposer();
    const promise = (this.#composer?.promise ?? createComposer({ ...options, signal, onProgress: (progress) => this.#showProgress(progress) }));
    this.#composer = { key, promise };
    try {
      return await promise;
    } catch (error) {
      if (this.#composer?.promise === promise) this.#composer = undefined;
      throw error;
    }
  }

  #dropComposer(): void {
    this.#composer?.promise.then((composer) => composer.dispose()).catch(() => {});
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

  #finish(poem: Poem, running: AbortController): void {
    this.#poem = poem;
    if (this.#running === running) {
      this._lines = poem.stanzas.flatMap((stanza, index) => stanza.map((line) => ({ index: 0, stanza: index, text: line })));
      this._state = 'done';
      this._status = '';
      this.#running = undefined;
    }
    this.#emit('verselet-poem', poem);
  }

  #fail(error: VerseletError, running: AbortController): void {
    if (this.#running === running) {
      this._state = error.code === 'aborted' ? 'idle' : 'failed';
      this._status = error.code === 'aborted' ? text.stopped : `${error.message} ${error.hint}`;
      this._progress = undefined;
      this.#running = undefined;
    }
    this.#emit('verselet-error', error.toData());
  }

  #emit<K extends keyof VerseletEventMap>(name: K, detail: VerseletEventMap[K]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  override render(): unknown {
    const busy = this._state === 'loading' || this._state === 'writing';
    const title = this._state === 'done' ? this.#poem?.title : undefined;
    return html`
      <article part="poem" lang="en" aria-busy=${busy ? 'true' : 'false'}>
        ${title ? html`<h2 part="title">${title}</h2>` : nothing} ${this.#stanzas().map((stanza) => this.#renderStanza(stanza))}
      </article>
      <div part="controls">
        <button part="button" type="button" @click=${() => (busy ? this.stop() : void this.compose())}>${busy ? text.stop : text.compose}</button>
        ${this._progress ? html`<progress part="progress" max=${this._progress.total || 1} .value=${this._progress.loaded} aria-label=${text.loading}></progress>` : nothing}
        <span part="status" role="status">${this._status}</span>
      </div>
    `;
  }

  #renderStanza(stanza: LineEvent[]): unknown {
    return html`<p part="stanza">${stanza.map((line) => html`<span part="line">${line.text}</span>`)}</p>`;
  }

  #stanzas(): LineEvent[][] {
    const stanzas: LineEvent[][] = [];
    for (const line of this._lines) (stanzas[line.stanza] ??= []).push(line);
    return stanzas.filter(Boolean);
  }
}
