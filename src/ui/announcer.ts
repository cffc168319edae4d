import { LitElement, css, html } from 'lit';
import { define } from './define.ts';

/** The page's one polite voice: whole lines and quarters of a download, for those who listen. */
export class Announcer extends LitElement {
  static override properties = { message: { state: true } };
  declare message: string;

  static override styles = css`
    :host {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
  `;

  constructor() {
    super();
    this.message = '';
  }

  protected override render() {
    return html`<div role="status" aria-live="polite">${this.message}</div>`;
  }

  say(message: string): void {
    this.message = message;
  }
}

define('verselet-announcer', Announcer);
