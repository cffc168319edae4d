import { css } from 'lit';

export const shellStyles = css`
  :host {
    display: block;
    min-height: 100svh;
    background: var(--paper);
    color: var(--ink);
    font-family: var(--sans);
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: space-between;
    gap: 0 1.5rem;
    max-width: 87rem;
    margin: 0 auto;
    padding: 0.5rem max(1rem, env(safe-area-inset-right)) 0 max(1rem, env(safe-area-inset-left));
    font-size: 0.875rem;
  }
  .mark {
    padding: 0.5rem 0;
    font-family: var(--serif);
    font-size: 1.1875rem;
    font-style: italic;
    color: var(--ink);
    text-decoration: none;
  }
  nav {
    display: flex;
    gap: 0 1.1rem;
  }
  nav a {
    padding: 0.7rem 0;
    white-space: nowrap;
    color: var(--quiet);
    text-decoration: none;
  }
  nav a[aria-current] {
    color: var(--ink);
    text-decoration: underline;
    text-decoration-color: var(--accent);
    text-decoration-thickness: 0.1em;
    text-underline-offset: 0.4em;
  }
  nav a:hover {
    color: var(--accent);
  }
  .skip {
    position: absolute;
    z-index: 3;
    inset: 0 auto auto 0;
    padding: 0.75rem 1rem;
    background: var(--paper);
  }
  .skip:not(:focus) {
    clip-path: inset(50%);
    width: 1px;
    height: 1px;
    padding: 0;
    overflow: hidden;
  }
  main {
    display: block;
  }
  /* Focused so that reading goes on here after a change of view; it is no control. */
  main:focus-visible {
    outline: none;
  }
  .missing {
    padding: 1.5rem 1rem;
    text-align: center;
  }
  @media (max-width: 30rem) {
    .mark {
      display: none;
    }
    nav {
      width: 100%;
      flex-wrap: wrap;
      column-gap: 0.6rem;
      justify-content: space-between;
    }
  }
  @media print {
    header {
      display: none;
    }
  }
`;
