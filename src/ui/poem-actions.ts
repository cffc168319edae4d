import { LitElement, css, html } from 'lit';
import { copyText } from '../platform/clipboard.ts';
import { define } from './define.ts';
import { LocaleController, t } from './i18n.ts';
import { type Page, stanzasOf } from './session-state.ts';
import { base } from './styles.ts';

/** What one can do with the poem on the page. @fires notice - `detail` is a sentence for the status region. */
export class PoemActions extends LitElement {
  static override properties = { page: { attribute: false }, copied: { state: true } };
  declare page: Page | undefined;
  declare copied: boolean;

  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 0 1.25rem;
        margin-top: 1rem;
        font: 0.875rem/1.4 var(--sans);
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.page = undefined;
    this.copied = false;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('page')) this.copied = false;
  }

  protected override render() {
    const words = t();
    return html`<button class="quiet" type="button" @click=${this.#copy}>${this.copied ? words.copied : words.copy}</button>`;
  }

  async #copy(): Promise<void> {
    if (!this.page) return;
    this.copied = await copyText(plainText(this.page));
    const detail = this.copied ? t().copied : t().copyFailed;
    this.dispatchEvent(new CustomEvent('notice', { detail, bubbles: true, composed: true }));
  }
}

/** Title, blank line, stanzas. */
export function plainText(page: Page): string {
  const poem = stanzasOf(page)
    .map((stanza) => stanza.join('\n'))
    .join('\n\n');
  return page.title ? `${page.title}\n\n${poem}` : poem;
}

define('verselet-poem-actions', PoemActions);
