import { css } from 'lit';

export const modelsStyles = css`
  :host {
    display: block;
    max-width: 42rem;
    margin: 0 auto;
    padding: 1.5rem max(1rem, env(safe-area-inset-right)) 4rem max(1rem, env(safe-area-inset-left));
    font: 0.9375rem/1.55 var(--sans);
  }
  h1 {
    margin: 0 0 0.75rem;
    font: italic 400 1.75rem/1.25 var(--serif);
  }
  h2 {
    margin: 2rem 0 0.5rem;
    font: italic 400 1.3125rem/1.3 var(--serif);
  }
  .name {
    margin: 0;
    font: 400 1.1875rem/1.35 var(--serif);
    overflow-wrap: anywhere;
  }
  p {
    margin: 0.25rem 0;
    max-width: 62ch;
  }
  ul {
    list-style: none;
    margin: 0.5rem 0;
    padding: 0;
  }
  li {
    padding: 0.9rem 0;
    border-top: 1px solid var(--rule);
  }
  .note {
    min-height: 1.55em;
    color: var(--quiet);
  }
  .chosen,
  .facts {
    font: 0.8125rem/1.5 var(--sans);
    color: var(--quiet);
    overflow-wrap: anywhere;
  }
  .row,
  .question {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 1.25rem;
  }
  .question p {
    flex-basis: 100%;
  }
  meter {
    width: 100%;
    height: 0.75rem;
  }
  verselet-progress {
    margin-top: 0.5rem;
  }
`;
