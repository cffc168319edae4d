import { LitElement, css, html, nothing } from 'lit';
import type { Poem } from '../poetry/types.ts';
import { define } from './define.ts';
import { LocaleController, t } from './i18n.ts';
import { pageOf } from './session-state.ts';
import { base } from './styles.ts';
import './poem-view.ts';

/** The other poems of this visit, side by side. @fires take - `detail` is the poem to put on the page. */
export class VariantsFold extends LitElement {
  static override properties = { variants: { attribute: false }, current: { type: String }, open: { state: true } };
  declare variants: readonly Poem[];
  /** Id of the poem on the page. */
  declare current: string;
  declare open: boolean;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        font: 0.875rem/1.5 var(--sans);
        --verselet-poem-size: 1rem;
      }
      summary {
        display: inline-block;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      .side {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr));
        gap: 1.5rem 2rem;
        padding-top: 0.5rem;
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.variants = [];
    this.current = '';
    this.open = false;
  }

  protected override render() {
    const words = t();
    const others = this.variants.filter((poem) => poem.id !== this.current).toReversed();
    if (!others.length) return nothing;
    return html`<details @toggle=${(event: Event) => (this.open = (event.target as HTMLDetailsElement).open)}>
      <summary class="quiet">${words.variants(others.length)}</summary>
      ${this.open
        ? html`<div class="side">
            ${others.map(
              (poem) => html`<div>
                <verselet-poem-view .heading=${poem.title} .lines=${pageOf(poem).lines} .level=${3} plain></verselet-poem-view>
                <button
                  class="quiet"
                  type="button"
                  aria-label="${words.takeVariant}: ${poem.title}"
                  @click=${() => this.dispatchEvent(new CustomEvent('take', { detail: poem }))}
                >
                  ${words.takeVariant}
                </button>
              </div>`,
            )}
          </div>`
        : nothing}
    </details>`;
  }
}

define('verselet-variants', VariantsFold);
