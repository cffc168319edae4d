import { LitElement, css, html, nothing } from 'lit';
import { asVerseletError } from '../errors.ts';
import { define } from './define.ts';
import { LocaleController, t } from './i18n.ts';
import { base } from './styles.ts';

/**
 * Other lines that would fit in one place, found when shown; arrow keys leaf through them.
 * @fires choose - `detail` is the line taken.
 * @fires close
 */
export class LineAlternatives extends LitElement {
  static override properties = { find: { attribute: false }, found: { state: true }, fault: { state: true } };
  declare find: () => Promise<string[]>;
  declare found: readonly string[] | undefined;
  declare fault: string;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        min-height: 6.5em;
        padding: 0.4rem 0.75rem 0.6rem;
        background: var(--raised, Canvas);
        border: 1px solid var(--rule, currentcolor);
        border-radius: 0.3rem;
      }
      .line {
        appearance: none;
        display: block;
        width: 100%;
        padding: 0.15rem 0.25rem 0.15rem 1.75em;
        text-indent: -1.5em;
        min-height: 2rem;
        text-align: start;
        background: none;
        border: 0;
        font: inherit;
        color: inherit;
      }
      .line:hover,
      .line:focus-visible {
        color: var(--accent);
      }
      p {
        margin: 0.4rem 0;
        font: 0.8125rem/1.4 var(--sans, system-ui);
        color: var(--quiet);
      }
      .quiet {
        font: 0.8125rem/1.4 var(--sans, system-ui);
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.find = () => Promise.resolve([]);
    this.found = undefined;
    this.fault = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.#load());
  }

  protected override render() {
    const words = t();
    return html`<div role="group" aria-label=${words.alternatives} aria-busy=${this.found || this.fault ? 'false' : 'true'} @keydown=${this.#keys}>
      ${this.fault ? html`<p role="alert">${this.fault}</p>` : nothing}
      ${this.found === undefined && !this.fault ? html`<p role="status">${words.findingLines}</p>` : nothing}
      ${this.found?.length === 0 ? html`<p role="status">${words.noOtherLine}</p>` : nothing}
      ${(this.found ?? []).map(
        (line) => html`<button class="line" type="button" lang="en" dir="auto" @click=${() => this.#choose(line)}>${line}</button>`,
      )}
      <button class="quiet" type="button" @click=${() => this.dispatchEvent(new CustomEvent('close'))}>${words.leaveIt}</button>
    </div>`;
  }

  async #load(): Promise<void> {
    this.renderRoot.querySelector<HTMLElement>('.quiet')?.focus();
    try {
      this.found = [...new Set(await this.find())];
    } catch (cause) {
      this.fault = t().fault(asVerseletError(cause));
    }
    await this.updateComplete;
    if (this.contains(document.activeElement) || this.shadowRoot?.activeElement) this.renderRoot.querySelector<HTMLElement>('button')?.focus();
  }

  #choose(line: string): void {
    this.dispatchEvent(new CustomEvent('choose', { detail: line }));
  }

  #keys(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.dispatchEvent(new CustomEvent('close'));
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>('button')];
    const at = buttons.indexOf((this.renderRoot as ShadowRoot).activeElement as HTMLElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  }
}

define('verselet-alternatives', LineAlternatives);
