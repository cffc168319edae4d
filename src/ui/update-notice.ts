import { LitElement, css, html, nothing } from 'lit';
import { type WaitingUpdate, watchUpdates } from '../platform/update.ts';
import { define } from './define.ts';
import { LocaleController, t } from './i18n.ts';
import { base } from './styles.ts';

/** Says that a new version waits; never while a poem is being written, and never reloads by itself. */
export class UpdateNotice extends LitElement {
  static override properties = { busy: { type: Boolean }, waiting: { state: true } };
  declare busy: boolean;
  declare waiting: WaitingUpdate | undefined;

  static override styles = [
    base,
    css`
      div {
        position: fixed;
        z-index: 3;
        inset: auto 0 0 auto;
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 1rem;
        max-width: 100%;
        padding: 0.5rem 1rem;
        background: var(--raised);
        border: 1px solid var(--rule);
        font: 0.875rem/1.4 var(--sans);
      }
      p {
        margin: 0;
      }
      @media (max-width: 63.99rem) {
        div {
          inset: auto 0 4.6rem 0;
        }
      }
      @media print {
        div {
          display: none;
        }
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.busy = false;
    this.waiting = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!import.meta.env.PROD) return;
    const start = () => void this.#watch();
    if (document.readyState === 'complete') start();
    else addEventListener('load', start, { once: true });
  }

  /** After everything else: the first look at the page must not wait for its second visit. */
  async #watch(): Promise<void> {
    const notice = (detail: string) => this.dispatchEvent(new CustomEvent('notice', { detail, bubbles: true, composed: true }));
    await watchUpdates(new URL('service-worker.js', document.baseURI).href, {
      onOffline: () => notice(t().offlineReady),
      onUpdate: (update) => (this.waiting = update),
    });
  }

  protected override render() {
    const words = t();
    if (!this.waiting || this.busy) return nothing;
    return html`<div role="region" aria-label=${words.updateReady}>
      <p role="status">${words.updateReady}</p>
      <button class="quiet" type="button" @click=${() => this.waiting?.apply()}>${words.updateNow}</button>
      <button class="quiet" type="button" @click=${() => (this.waiting = undefined)}>${words.updateLater}</button>
    </div>`;
  }
}

define('verselet-update', UpdateNotice);
