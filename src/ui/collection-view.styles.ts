import { css } from 'lit';

/** A contents page: titles, first lines, leader dots to the date. */
export const collectionStyles = css`
  :host {
    display: block;
    max-width: 42rem;
    margin: 0 auto;
    padding: 1.5rem max(1rem, env(safe-area-inset-right)) 4rem max(1rem, env(safe-area-inset-left));
    font: 0.875rem/1.5 var(--sans);
  }
  h1 {
    margin: 0 0 1rem;
    font: italic 400 1.75rem/1.25 var(--serif);
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.5rem 1.25rem;
  }
  .tools input {
    flex: 1 1 12rem;
    min-width: 0;
  }
  .tools select {
    width: auto;
  }
  .note {
    margin: 0.5rem 0;
    min-height: 1.5em;
    color: var(--quiet);
  }
  .undo {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 0.75rem;
    margin: 0;
  }
  .empty {
    font: italic 1.125rem/1.5 var(--serif);
    color: var(--quiet);
  }
  .contents {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  li {
    padding: 0.6rem 0;
  }
  .head {
    display: flex;
    align-items: baseline;
    gap: 0.5rem;
  }
  .open {
    appearance: none;
    display: flex;
    align-items: baseline;
    gap: 0.6rem;
    min-height: 2.25rem;
    padding: 0;
    text-align: start;
    background: none;
    border: 0;
    font: 1.1875rem/1.35 var(--serif);
    color: var(--ink);
  }
  .open:hover .title {
    text-decoration: underline;
    text-decoration-thickness: 0.06em;
    text-underline-offset: 0.2em;
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
    forced-color-adjust: none;
  }
  .title {
    overflow-wrap: anywhere;
  }
  .leader {
    flex: 1;
    min-width: 1.5rem;
    border-bottom: 1px dotted var(--edge);
    transform: translateY(-0.2em);
  }
  .date {
    white-space: nowrap;
    color: var(--quiet);
    font-variant-numeric: oldstyle-nums;
  }
  .first {
    margin: 0 0 0 1.2rem;
    font: italic 1rem/1.5 var(--serif);
    color: var(--quiet);
    overflow-wrap: anywhere;
  }
  .what {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 1rem;
    margin: 0 0 0 1.2rem;
    color: var(--quiet);
  }
  .what .quiet {
    min-height: 2rem;
    padding-block: 0.3rem;
  }
  .files {
    display: flex;
    flex-wrap: wrap;
    gap: 0 1.25rem;
    margin-top: 1.5rem;
    padding-top: 0.75rem;
    border-top: 1px solid var(--rule);
  }
`;
