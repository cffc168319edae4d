import { LitElement, css, html, nothing } from 'lit';
import { define } from './define.ts';
import { base } from './styles.ts';

/**
 * One thin rule and one sentence. `share` is 0–1 while something is measured, NaN while something of unknown length is
 * done, undefined at rest: the rule stays, so that nothing moves.
 * @csspart progress - The rule.
 * @csspart status - The sentence.
 */
export class ProgressLine extends LitElement {
  static override properties = { share: { attribute: false }, sentence: { type: String }, label: { type: String } };
  declare share: number | undefined;
  declare sentence: string;
  declare label: string;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        font-family: var(--sans, system-ui, sans-serif);
        font-size: 0.8125rem;
        line-height: 1.4;
        color: var(--quiet, inherit);
        font-variant-numeric: tabular-nums;
      }
      progress {
        appearance: none;
        display: block;
        width: 100%;
        height: 2px;
        border: 0;
        background: var(--rule, GrayText);
      }
      .rest {
        height: 2px;
        display: grid;
        align-items: center;
      }
      .rest::before {
        content: '';
        height: 1px;
        background: var(--rule, GrayText);
      }
      progress::-webkit-progress-bar {
        background: var(--rule, GrayText);
      }
      progress::-webkit-progress-value {
        background: var(--accent, Highlight);
      }
      progress::-moz-progress-bar {
        background: var(--accent, Highlight);
      }
      p {
        margin: 0.5rem 0 0;
        min-height: 2.8em;
        overflow-wrap: break-word;
      }
      @media print {
        :host {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.share = undefined;
    this.sentence = '';
    this.label = '';
  }

  protected override render() {
    return html`${this.share === undefined
        ? html`<div class="rest" part="progress"></div>`
        : html`<progress
            part="progress"
            max="1"
            aria-label=${this.label}
            value=${Number.isNaN(this.share) ? nothing : Math.round(this.share * 1000) / 1000}
          ></progress>`}
      <p part="status">${this.sentence}</p>`;
  }
}

define('verselet-progress', ProgressLine);
