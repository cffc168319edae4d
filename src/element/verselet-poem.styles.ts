import { css } from 'lit';

/**
 * Book page in miniature; every colour and the face can be set from outside by custom properties. Light or dark follows the
 * `color-scheme` of the page around it, not the reader's system: a page that stays light must not get light ink. What
 * else a page sets on the text around (case, spacing, alignment) ends here.
 */
export const styles = css`
  :host {
    display: block;
    color: var(--verselet-ink, light-dark(#221d18, #ece6dc));
    background: var(--verselet-paper, transparent);
    max-inline-size: var(--verselet-measure, 40ch);
    font-style: normal;
    font-weight: 400;
    letter-spacing: normal;
    text-align: start;
    text-indent: 0;
    text-transform: none;
    white-space: normal;
  }
  :host([hidden]) {
    display: none;
  }
  [part='poem'] {
    font-family: var(--verselet-font, 'Newsreader Variable', 'Iowan Old Style', 'Palatino Linotype', Palatino, Georgia, serif);
    font-size: 1.125em;
    line-height: 1.55;
  }
  [part='title'] {
    font-size: 1.2em;
    font-style: italic;
    font-weight: 400;
    margin: 0 0 1em;
  }
  [part='stanza'] {
    margin: 0 0 1.55em;
  }
  [part='line'] {
    display: block;
    padding-inline-start: 2em;
    text-indent: -2em;
    overflow-wrap: anywhere;
  }
  [part='controls'] {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5em 1em;
    font: 0.875em / 1.4 system-ui, sans-serif;
  }
  [part='button'] {
    font: inherit;
    color: inherit;
    background: none;
    border: 1px solid currentcolor;
    border-radius: 0.25em;
    padding: 0.5em 1em;
    min-block-size: 2.75em;
    cursor: pointer;
  }
  [part='button']:focus-visible {
    outline: 2px solid var(--verselet-accent, light-dark(#6b4d2e, #d9b88f));
    outline-offset: 2px;
  }
  [part='progress'] {
    inline-size: 8em;
    accent-color: var(--verselet-accent, light-dark(#6b4d2e, #d9b88f));
  }
  @media (prefers-reduced-motion: no-preference) {
    [part='line'] {
      animation: ink 180ms ease-out;
    }
    @keyframes ink {
      from {
        opacity: 0;
      }
    }
  }
`;
