import { LitElement, html, nothing } from 'lit';
import type { Poem, PoemRequest } from '../poetry/types.ts';
import { composeViewStyles } from './compose-view.styles.ts';
import { define } from './define.ts';
import { expectedRows } from './form-shape.ts';
import { LocaleController, t } from './i18n.ts';
import { type SessionEvent, type SessionState, initialState, isBusy, pageOf } from './session-state.ts';
import type { ModelChoice } from './session.ts';
import { deviceSentence, questionSentence, sentenceOf, shareOf } from './status.ts';
import { base } from './styles.ts';
import './compose-form.ts';
import type { ComposeForm } from './compose-form.ts';
import './poem-actions.ts';
import './poem-editor.ts';
import type { Margins, PoemEditor } from './poem-editor.ts';
import './progress-line.ts';
import './proof-fold.ts';
import './variants-fold.ts';

/** Rows of the empty page: the choice of a form must not move the words under the finger that chooses. */
const EMPTY_ROWS = 6;

/**
 * The page one writes on: the poem in the middle, what one asks for beside or under it.
 * `session-event` carries what changes the page, `download-answer` whether to fetch what was asked about. Events of its parts pass through: `request-change`, `choice-change`, `compose-request`, `stop-request`.
 */
export class ComposeView extends LitElement {
  static override properties = {
    state: { attribute: false },
    request: { attribute: false },
    choice: { attribute: false },
    find: { attribute: false },
    proof: { state: true },
    spoken: { state: true },
  };
  declare state: SessionState;
  declare request: PoemRequest;
  declare choice: ModelChoice;
  /** Other lines for a place of the page's poem. */
  declare find: ((index: number) => Promise<string[]>) | undefined;
  declare proof: boolean;
  declare spoken: number;

  static override styles = [base, composeViewStyles];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.state = initialState;
    this.request = {};
    this.choice = {};
    this.find = undefined;
    this.proof = false;
    this.spoken = -1;
  }

  protected override render() {
    const words = t();
    const { state } = this;
    const { page } = state;
    const busy = isBusy(state);
    return html`<h1 class="hidden">${words.composeHeading}</h1>
      <div class="layout">
        <section class="sheet" aria-label=${words.poemRegion}>
          <verselet-poem-editor
            .heading=${page?.title ?? ''}
            .lines=${page?.lines ?? []}
            .rows=${page ? expectedRows(page.request) : EMPTY_ROWS}
            .busy=${busy}
            .live=${!busy && page !== undefined}
            .spoken=${this.spoken}
            .margins=${this.#margins()}
            .alternatives=${page?.poem ? this.find : undefined}
            @line-lock=${(event: CustomEvent<number>) => this.#tell({ type: 'lock', index: event.detail })}
            @line-replace=${(event: CustomEvent<{ index: number; text: string }>) => this.#tell({ type: 'replace', ...event.detail })}
            @retitle=${(event: CustomEvent<string>) => this.#tell({ type: 'retitle', title: event.detail })}
          >
            <verselet-progress
              slot="status"
              .share=${shareOf(state)}
              .sentence=${sentenceOf(state)}
              .label=${words.progress}
            ></verselet-progress>
            ${page ? nothing : html`<p slot="empty" class="empty">${words.invitation[0]}<br />${words.invitation[1]}</p>`}
          </verselet-poem-editor>
          ${state.device ? html`<p class="device">${deviceSentence(state)}</p>` : nothing}
          ${state.question ? this.#question(state.question) : nothing} ${state.error ? this.#fault(state.error) : nothing}
          ${busy || !page?.lines.length ? nothing : this.#after(page)}
        </section>
        <section class="controls" aria-label=${words.wishesRegion}>
          <verselet-compose-form
            .request=${this.request}
            .choice=${this.choice}
            .busy=${busy}
            .again=${page?.lines.length !== undefined && page.lines.length > 0}
            .opened=${state.model?.id}
            @request-change=${this.#pass}
            @choice-change=${this.#pass}
            @compose-request=${this.#pass}
            @stop-request=${this.#pass}
          ></verselet-compose-form>
        </section>
      </div>`;
  }

  /** Focuses the button that writes. */
  focusWrite(): void {
    this.renderRoot.querySelector<ComposeForm>('verselet-compose-form')?.focusWrite();
  }

  #after(page: NonNullable<SessionState['page']>) {
    const words = t();
    const { past, future, variants } = this.state;
    return html`<div class="after">
      <verselet-poem-actions .page=${page} @spoken=${(event: CustomEvent<number>) => (this.spoken = event.detail)}></verselet-poem-actions>
      <div class="row">
        ${past.length || future.length
          ? html`<button class="quiet" type="button" ?disabled=${!past.length} @click=${() => this.#tell({ type: 'undo' })}>
                ${words.undo}
              </button>
              <button class="quiet" type="button" ?disabled=${!future.length} @click=${() => this.#tell({ type: 'redo' })}>
                ${words.redo}
              </button>`
          : nothing}
      </div>
      <verselet-proof .page=${page} @proof-toggle=${(event: CustomEvent<boolean>) => (this.proof = event.detail)}></verselet-proof>
      <verselet-variants
        .variants=${variants}
        .current=${page.poem?.id ?? ''}
        @take=${(event: CustomEvent<Poem>) => this.#tell({ type: 'show', page: pageOf(event.detail) })}
      ></verselet-variants>
    </div>`;
  }

  /** What stands in the margins while the proof is open; a line changed by hand has lost its count. */
  #margins(): Margins | undefined {
    const { page } = this.state;
    if (!this.proof || !page?.poem || isBusy(this.state)) return undefined;
    const { rhyme, syllables } = page.poem.checks;
    return { scheme: rhyme.scheme, syllables: syllables.perLine.map((count, index) => (page.lines[index]?.edited ? undefined : count)) };
  }

  /** Focuses a line of the poem. */
  focusLine(index: number): void {
    this.renderRoot.querySelector<PoemEditor>('verselet-poem-editor')?.focusLine(index);
  }

  #tell(detail: SessionEvent): void {
    this.dispatchEvent(new CustomEvent('session-event', { detail }));
  }

  #fault(error: NonNullable<SessionState['error']>) {
    const words = t();
    return html`<div class="fault" role="alert">
      <p><strong>${words.errors[error.code]}</strong></p>
      <p class="small">${words.faultDetail(error)}</p>
      <button class="quiet" type="button" @click=${() => this.dispatchEvent(new CustomEvent('compose-request'))}>
        ${words.tryAgain}
      </button>
    </div>`;
  }

  #question(question: NonNullable<SessionState['question']>) {
    const words = t();
    const answer = (detail: boolean) => () => this.dispatchEvent(new CustomEvent('download-answer', { detail }));
    return html`<div class="fault" role="alert">
      <p>${questionSentence(question)}</p>
      <div class="row">
        <button class="quiet" type="button" @click=${answer(true)}>${words.fetchNow}</button>
        <button class="quiet" type="button" @click=${answer(false)}>${words.notNow}</button>
      </div>
    </div>`;
  }

  #pass(event: Event): void {
    this.dispatchEvent(new CustomEvent(event.type, { detail: (event as CustomEvent<unknown>).detail }));
  }
}

define('verselet-compose-view', ComposeView);
