import { LitElement, css, html, nothing } from 'lit';
import type { PoemRequest } from '../poetry/types.ts';
import { define } from './define.ts';
import { expectedRows } from './form-shape.ts';
import { LocaleController, t } from './i18n.ts';
import { type SessionState, initialState, isBusy } from './session-state.ts';
import type { ModelChoice } from './session.ts';
import { deviceSentence, sentenceOf, shareOf } from './status.ts';
import { base } from './styles.ts';
import './compose-form.ts';
import type { ComposeForm } from './compose-form.ts';
import './poem-actions.ts';
import './poem-view.ts';
import './progress-line.ts';

/** Rows of the empty page: the choice of a form must not move the words under the finger that chooses. */
const EMPTY_ROWS = 6;

/**
 * The page one writes on: the poem in the middle, what one asks for beside or under it.
 * Events of its parts pass through: `request-change`, `choice-change`, `compose-request`, `stop-request`.
 */
export class ComposeView extends LitElement {
  static override properties = {
    state: { attribute: false },
    request: { attribute: false },
    choice: { attribute: false },
  };
  declare state: SessionState;
  declare request: PoemRequest;
  declare choice: ModelChoice;

  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      .layout {
        display: grid;
        grid-template-columns: minmax(0, 42rem);
        justify-content: center;
        gap: 1.5rem 3rem;
        padding: 0 max(1rem, env(safe-area-inset-right)) 6rem max(1rem, env(safe-area-inset-left));
      }
      .sheet {
        min-width: 0;
      }
      verselet-poem-view {
        max-width: 38rem;
      }
      .empty {
        margin: 0;
        color: var(--quiet);
        font-style: italic;
      }
      .device {
        margin: 0.75rem 0 0;
        font: 0.8125rem/1.4 var(--sans);
        color: var(--quiet);
      }
      .fault {
        margin: 0.5rem 0 0;
        padding: 0.75rem 0 0.25rem;
        font: 0.9375rem/1.5 var(--sans);
        border-top: 1px solid var(--rule);
      }
      .fault p {
        margin: 0;
      }
      .small {
        color: var(--quiet);
      }
      @media (min-width: 64rem) {
        .layout {
          grid-template-columns: minmax(0, 36rem) 18.5rem;
          gap: 4rem;
          padding-top: 2vh;
          padding-bottom: 4rem;
        }
        .controls {
          align-self: start;
          position: sticky;
          top: 1.5rem;
        }
      }
      @media (min-width: 84rem) {
        .layout {
          grid-template-columns: minmax(0, 18.5rem) minmax(0, 36rem) minmax(0, 18.5rem);
        }
        .sheet {
          grid-column: 2;
        }
      }
      @media print {
        .controls,
        .after,
        .fault,
        .device {
          display: none;
        }
        .layout {
          display: block;
          padding: 0;
        }
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.state = initialState;
    this.request = {};
    this.choice = {};
  }

  protected override render() {
    const words = t();
    const { state } = this;
    const { page } = state;
    const busy = isBusy(state);
    return html`<h1 class="hidden">${words.composeHeading}</h1>
      <div class="layout">
        <section class="sheet" aria-label=${words.poemRegion}>
          <verselet-poem-view
            .heading=${page?.title ?? ''}
            .lines=${page?.lines ?? []}
            .rows=${page ? expectedRows(page.request) : EMPTY_ROWS}
            .busy=${busy}
          >
            <verselet-progress
              slot="status"
              .share=${shareOf(state)}
              .sentence=${sentenceOf(state)}
              .label=${words.progress}
            ></verselet-progress>
            ${page ? nothing : html`<p slot="empty" class="empty">${words.invitation[0]}<br />${words.invitation[1]}</p>`}
          </verselet-poem-view>
          ${state.device ? html`<p class="device">${deviceSentence(state)}</p>` : nothing}
          ${state.error ? this.#fault(state.error) : nothing}
          ${busy || !page?.lines.length
            ? nothing
            : html`<div class="after"><verselet-poem-actions .page=${page}></verselet-poem-actions></div>`}
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

  #fault({ code, message, hint }: NonNullable<SessionState['error']>) {
    const words = t();
    return html`<div class="fault" role="alert">
      <p><strong>${words.errors[code]}</strong></p>
      <p class="small">${message} ${hint}</p>
      <button class="quiet" type="button" @click=${() => this.dispatchEvent(new CustomEvent('compose-request'))}>
        ${words.tryAgain}
      </button>
    </div>`;
  }

  #pass(event: Event): void {
    this.dispatchEvent(new CustomEvent(event.type, { detail: (event as CustomEvent<unknown>).detail }));
  }
}

define('verselet-compose-view', ComposeView);
