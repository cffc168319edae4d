import { type CSSResultGroup, type PropertyDeclarations, html, nothing } from 'lit';
import { define } from './define.ts';
import { LocaleController, t } from './i18n.ts';
import { PoemView, type ShownLine } from './poem-view.ts';
import { editorStyles } from './poem-editor.styles.ts';
import type { PageLine } from './session-state.ts';
import './line-alternatives.ts';

/** What is written in the margins while the proof is open. */
export interface Margins {
  /** A letter a line, `-` where none is wanted. */
  scheme: string;
  /** Syllables a line. */
  syllables: readonly (number | undefined)[];
}

/**
 * A poem whose lines are alive: hover or focus shows lock, another, edit. Up and down arrows walk the lines.
 * @fires line-lock - `detail` is the line's index.
 * @fires line-replace - `detail` is `{ index, text }`.
 * @fires retitle - `detail` is the new title.
 */
export class PoemEditor extends PoemView {
  static override properties: PropertyDeclarations = {
    live: { type: Boolean, reflect: true },
    margins: { attribute: false },
    alternatives: { attribute: false },
    current: { state: true },
    editing: { state: true },
    choosing: { state: true },
  };
  /** Lines can be changed: the poem is not being written. */
  declare live: boolean;
  declare margins: Margins | undefined;
  declare alternatives: ((index: number) => Promise<string[]>) | undefined;
  declare current: number;
  declare editing: number | 'title' | undefined;
  declare choosing: number | undefined;

  protected readonly locale = new LocaleController(this);

  static override styles: CSSResultGroup = [PoemView.styles, editorStyles];

  constructor() {
    super();
    this.live = false;
    this.margins = undefined;
    this.alternatives = undefined;
    this.current = 0;
    this.editing = undefined;
    this.choosing = undefined;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('live') && !this.live) {
      this.editing = undefined;
      this.choosing = undefined;
    }
    if (this.current >= this.lines.length) this.current = 0;
  }

  protected override renderTitle() {
    if (!this.live) return super.renderTitle();
    if (this.editing === 'title') {
      return html`<h2 class="titling">${this.#input(this.heading, t().title, (text) => this.#emit('retitle', text))}</h2>`;
    }
    return html`<h2 dir="auto">
      <span part="title">${this.heading}</span
      ><button class="quiet retitle" type="button" @click=${() => this.#edit('title')}>${t().editTitle}</button>
    </h2>`;
  }

  protected override renderLine(line: ShownLine, index: number) {
    // The same row while writing and after: a finished line must not be drawn twice.
    const { live } = this;
    const locked = live && (line as PageLine).locked;
    const letter = this.margins?.scheme[index] ?? '';
    return html`<div
      class="row ${locked ? 'locked' : ''} ${this.choosing === index ? 'choosing' : ''}"
      role=${live ? 'group' : nothing}
      aria-label=${live ? t().lineLabel(index + 1, locked) : nothing}
      tabindex=${live ? (index === this.current ? 0 : -1) : nothing}
      data-index=${index}
      @focusin=${() => (this.current = index)}
      @keydown=${(event: KeyboardEvent) => this.#walk(event, index)}
    >
      ${this.margins ? html`<span class="count" aria-hidden="true">${this.margins.syllables[index] ?? ''}</span>` : nothing}
      ${this.editing === index
        ? this.#input(line.text, t().editLine(index + 1), (text) => this.#emit('line-replace', { index, text }))
        : super.renderLine(line, index)}
      ${letter && letter !== '-' ? html`<span class="letter" aria-hidden="true">${letter}</span>` : nothing}
      ${this.editing === index || !live ? nothing : this.#tools(locked, index)}
      ${this.choosing === index
        ? html`<verselet-alternatives
            .find=${() => this.alternatives?.(index) ?? Promise.resolve([])}
            @choose=${(event: CustomEvent<string>) => this.#take(index, event.detail)}
            @close=${() => this.#close(index)}
          ></verselet-alternatives>`
        : nothing}
    </div>`;
  }

  protected override updated(): void {
    super.updated();
    const input = this.renderRoot.querySelector<HTMLInputElement>('.edit');
    if (input && (this.renderRoot as ShadowRoot).activeElement !== input) {
      input.focus();
      input.select();
    }
  }

  #tools(locked: boolean, index: number) {
    const words = t();
    return html`<div class="tools">
      <button class="quiet" type="button" aria-pressed=${locked ? 'true' : 'false'} @click=${() => this.#emit('line-lock', index)}>
        ${locked ? words.locked : words.lock}
      </button>
      ${this.alternatives
        ? html`<button
            class="quiet"
            type="button"
            aria-expanded=${this.choosing === index ? 'true' : 'false'}
            @click=${() => (this.choosing = this.choosing === index ? undefined : index)}
          >
            ${words.another}
          </button>`
        : nothing}
      <button class="quiet" type="button" @click=${() => this.#edit(index)}>${words.edit}</button>
    </div>`;
  }

  /** An input in the poem's own type; Enter and leaving it keep the change, Escape does not. */
  #input(text: string, label: string, keep: (text: string) => void) {
    const finish = (event: Event, take: boolean) => {
      const at = this.editing;
      if (at === undefined) return;
      const next = (event.target as HTMLInputElement).value.replace(/\s+/g, ' ').trim();
      this.editing = undefined;
      if (take && next && next !== text) keep(next);
      if (event.type === 'keydown' && typeof at === 'number') void this.updateComplete.then(() => this.focusLine(at));
    };
    return html`<input
      class="edit"
      aria-label=${label}
      maxlength="200"
      dir="auto"
      lang="en"
      .value=${text}
      @blur=${(event: Event) => finish(event, true)}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key !== 'Enter' && event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        finish(event, event.key === 'Enter');
      }}
    />`;
  }

  /** Focuses a line's row. */
  focusLine(index: number): void {
    this.renderRoot.querySelector<HTMLElement>(`.row[data-index="${index}"]`)?.focus();
  }

  #walk(event: KeyboardEvent, index: number): void {
    if (this.editing !== undefined || this.choosing !== undefined) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.focusLine(Math.min(this.lines.length - 1, Math.max(0, index + step)));
  }

  #edit(what: number | 'title'): void {
    this.choosing = undefined;
    this.editing = what;
  }

  #take(index: number, text: string): void {
    this.choosing = undefined;
    this.#emit('line-replace', { index, text });
    void this.updateComplete.then(() => this.focusLine(index));
  }

  #close(index: number): void {
    this.choosing = undefined;
    void this.updateComplete.then(() => this.focusLine(index));
  }

  #emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

define('verselet-poem-editor', PoemEditor);
