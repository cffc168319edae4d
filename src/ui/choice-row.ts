import { LitElement, css, html, nothing } from 'lit';
import { define } from './define.ts';
import { base } from './styles.ts';

export interface Choice {
  value: string;
  label: string;
  /** Degrees of oklch hue and chroma factor of the mark beside the word; no mark where absent. */
  tint?: { hue: number; chroma: number };
}

/**
 * A radio group of words: native radios, so arrow keys walk it. `columns` lays it out as a grid, else the words flow.
 * @fires choose - `detail` is the chosen value; `dblclick` on a word bubbles as usual.
 */
export class ChoiceRow extends LitElement {
  static override properties = {
    legend: { type: String },
    choices: { attribute: false },
    value: { type: String },
    columns: { type: Number },
    disabled: { type: Boolean },
  };
  declare legend: string;
  declare choices: readonly Choice[];
  declare value: string;
  declare columns: number;
  declare disabled: boolean;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
        min-width: 0;
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        gap: 0 0.9rem;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(3, auto);
        justify-content: space-between;
        gap: 0.25rem;
      }
      .choice {
        position: relative;
        display: flex;
        align-items: center;
        gap: 0.45rem;
        min-height: 2.25rem;
        color: var(--quiet);
      }
      .grid .choice {
        min-height: 2.75rem;
        padding: 0 0.55rem 0 0.45rem;
        gap: 0.4rem;
        font-size: 0.875rem;
        border: 1px solid transparent;
        border-radius: 0.4rem;
      }
      input {
        appearance: none;
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        margin: 0;
        cursor: pointer;
        border-radius: 0.4rem;
      }
      input:focus-visible {
        outline-offset: 0;
      }
      .mark {
        flex: none;
        width: 0.6rem;
        height: 0.6rem;
        border-radius: 50%;
        background: light-dark(
          oklch(0.62 calc(0.12 * var(--mark-chroma, 1)) var(--mark-hue, 0)),
          oklch(0.72 calc(0.12 * var(--mark-chroma, 1)) var(--mark-hue, 0))
        );
      }
      .word {
        white-space: nowrap;
      }
      .choice:hover {
        color: var(--ink);
      }
      .choice:has(:checked) {
        color: var(--ink);
      }
      .choice:has(:checked) .word {
        text-decoration: underline;
        text-decoration-color: var(--accent);
        text-decoration-thickness: 0.1em;
        text-underline-offset: 0.35em;
      }
      .grid .choice:has(:checked) {
        border-color: var(--edge);
        background: var(--raised);
      }
      .grid .choice:has(:checked) .word {
        text-decoration: none;
      }
      @container (max-width: 20em) {
        .grid {
          gap: 0.25rem 0;
        }
        .grid .choice {
          padding: 0 0.25rem 0 0.2rem;
          gap: 0.3rem;
          font-size: 0.8125rem;
        }
      }
      @container (max-width: 16.5em) {
        .grid {
          grid-template-columns: repeat(2, auto);
        }
      }
      @container (max-width: 11em) {
        .grid {
          grid-template-columns: auto;
        }
      }
      @media (forced-colors: active) {
        .choice:has(:checked) {
          outline: 1px solid Highlight;
        }
        .mark {
          forced-color-adjust: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.legend = '';
    this.choices = [];
    this.value = '';
    this.columns = 0;
    this.disabled = false;
  }

  protected override render() {
    return html`<fieldset ?disabled=${this.disabled}>
      <legend class="hidden">${this.legend}</legend>
      <div class="choices ${this.columns ? 'grid' : ''}">
        ${this.choices.map(
          ({ value, label, tint }) => html`<label class="choice" data-value=${value}>
            ${tint ? html`<span class="mark" aria-hidden="true"></span>` : nothing}
            <input
              type="radio"
              name="choice"
              value=${value}
              .checked=${value === this.value}
              @change=${() => this.#choose(value)}
            />
            <span class="word">${label}</span>
          </label>`,
        )}
      </div>
    </fieldset>`;
  }

  protected override updated(): void {
    for (const { value, tint } of this.choices) {
      const mark = this.renderRoot.querySelector<HTMLElement>(`[data-value="${CSS.escape(value)}"] .mark`);
      if (!mark || !tint) continue;
      mark.style.setProperty('--mark-hue', String(tint.hue));
      mark.style.setProperty('--mark-chroma', String(tint.chroma));
    }
  }

  /** Focuses the chosen word. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLInputElement>('input:checked, input')?.focus();
  }

  #choose(value: string): void {
    this.value = value;
    this.dispatchEvent(new CustomEvent('choose', { detail: value }));
  }
}

define('verselet-choices', ChoiceRow);
