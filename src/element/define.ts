import { VerseletPoem } from './verselet-poem.ts';

declare global {
  interface HTMLElementTagNameMap {
    'verselet-poem': VerseletPoem;
  }
}

/** Two copies of the script on a page are no error: the first one stays. */
if (typeof customElements !== 'undefined' && !customElements.get('verselet-poem')) {
  customElements.define('verselet-poem', VerseletPoem);
}
