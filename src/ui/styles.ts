import { css } from 'lit';

/** Colours, faces and sizes, from `--verselet-hue` and `--verselet-chroma`; for a host that is the root of its page. */
export const tokens = css`
  :host {
    --_h: var(--verselet-hue, 80);
    --_c: var(--verselet-chroma, 0.3);
    --paper: var(
      --verselet-paper,
      light-dark(oklch(0.978 calc(0.012 * var(--_c)) var(--_h)), oklch(0.185 calc(0.014 * var(--_c)) var(--_h)))
    );
    --raised: light-dark(
      oklch(0.955 calc(0.02 * var(--_c)) var(--_h)),
      oklch(0.235 calc(0.02 * var(--_c)) var(--_h))
    );
    --ink: var(
      --verselet-ink,
      light-dark(oklch(0.235 calc(0.03 * var(--_c)) var(--_h)), oklch(0.925 calc(0.018 * var(--_c)) var(--_h)))
    );
    --quiet: light-dark(oklch(0.45 calc(0.03 * var(--_c)) var(--_h)), oklch(0.74 calc(0.025 * var(--_c)) var(--_h)));
    --rule: light-dark(oklch(0.86 calc(0.025 * var(--_c)) var(--_h)), oklch(0.36 calc(0.025 * var(--_c)) var(--_h)));
    --edge: light-dark(oklch(0.58 calc(0.04 * var(--_c)) var(--_h)), oklch(0.6 calc(0.04 * var(--_c)) var(--_h)));
    --accent: var(
      --verselet-accent,
      light-dark(oklch(0.43 calc(0.12 * var(--_c)) var(--_h)), oklch(0.8 calc(0.1 * var(--_c)) var(--_h)))
    );
    --serif: var(--verselet-serif, 'Newsreader Verse', 'Newsreader Fallback', 'Iowan Old Style', Georgia, serif);
    --sans: var(--verselet-sans, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
  }
`;

/** What every element of the page shares. */
export const base = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button,
  select,
  summary,
  label {
    cursor: pointer;
  }
  a {
    color: var(--accent);
    text-underline-offset: 0.18em;
    text-decoration-thickness: 0.06em;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
    border-radius: 2px;
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .quiet {
    appearance: none;
    background: none;
    border: 0;
    padding: 0.55rem 0.15rem;
    min-height: 2.5rem;
    color: var(--quiet);
    text-decoration: underline;
    text-decoration-color: var(--rule);
    text-decoration-thickness: 0.06em;
    text-underline-offset: 0.25em;
  }
  .quiet:hover:not(:disabled),
  .quiet[aria-pressed='true'] {
    color: var(--accent);
    text-decoration-color: currentcolor;
  }
  .quiet:disabled {
    cursor: default;
    text-decoration: none;
    opacity: 0.7;
  }
  .field {
    width: 100%;
    min-height: 2.5rem;
    padding: 0.3rem 0;
    background: none;
    border: 0;
    border-bottom: 1px solid var(--edge);
    border-radius: 0;
  }
  .field:focus-visible {
    outline-offset: 3px;
  }
  .field::placeholder {
    color: var(--quiet);
    opacity: 1;
  }
  /* An arrow of our own: WebKitGTK would draw the whole select as a button. */
  select.field {
    appearance: none;
    padding-inline-end: 1.25rem;
    background:
      linear-gradient(45deg, transparent 50%, currentcolor 50%) no-repeat calc(100% - 0.3rem) 50% / 0.3rem 0.3rem,
      linear-gradient(-45deg, transparent 50%, currentcolor 50%) no-repeat 100% 50% / 0.3rem 0.3rem;
  }
  select.field option {
    color: CanvasText;
    background: Canvas;
  }
  @media (prefers-contrast: more) {
    .quiet {
      color: var(--ink);
      text-decoration-color: currentcolor;
    }
  }
`;
