import { css } from 'lit';

/** Lines that can be touched; nothing of this moves the poem. */
export const editorStyles = css`
  .row {
    position: relative;
    border-radius: 2px;
  }
  .row:focus-visible {
    outline-offset: 4px;
  }
  .row.locked::before {
    content: '';
    position: absolute;
    inset: 0.25em auto 0.25em -0.7rem;
    border-inline-start: 2px solid var(--accent, currentcolor);
  }
  .tools {
    position: absolute;
    z-index: 1;
    display: flex;
    gap: 0 0.9rem;
    inset: 100% auto auto 0;
    padding: 0 0.75rem;
    background: var(--raised, Canvas);
    border: 1px solid var(--rule, currentcolor);
    border-radius: 0.3rem;
    font: 0.8125rem/1.4 var(--sans, system-ui);
    visibility: hidden;
  }
  .row:focus-within > .tools,
  .row.choosing > .tools {
    visibility: visible;
  }
  .count,
  .letter {
    position: absolute;
    top: 0;
    font: 0.75rem/1 var(--sans, system-ui);
    line-height: inherit;
    line-height: 2.2;
    color: var(--quiet);
    font-variant-numeric: tabular-nums;
  }
  .count {
    right: calc(100% + 1.1rem);
  }
  .letter {
    left: calc(100% + 0.25rem);
  }
  .edit {
    display: block;
    width: 100%;
    padding: 0;
    border: 0;
    background: var(--raised, Field);
    font: inherit;
    color: inherit;
    line-height: inherit;
  }
  .titling .edit {
    font-style: italic;
  }
  .retitle {
    margin-inline-start: 1rem;
    font: 0.8125rem/1.2 var(--sans, system-ui);
    min-height: 2rem;
    padding-block: 0.25rem;
    opacity: 0;
  }
  h2:hover .retitle,
  h2:focus-within .retitle {
    opacity: 1;
  }
  @media (hover: none) {
    .retitle {
      opacity: 1;
    }
  }
  verselet-alternatives {
    position: absolute;
    z-index: 2;
    inset: calc(100% + 2.6rem) 0 auto 0;
  }
  @media (min-width: 64rem) {
    .tools {
      inset: 50% 0 auto auto;
      transform: translateY(-50%);
      background: var(--paper, Canvas);
      border-color: transparent;
      padding: 0 0 0 0.75rem;
    }
    .row:hover > .tools {
      visibility: visible;
    }
    .letter {
      left: calc(100% + 0.75rem);
    }
    verselet-alternatives {
      inset: calc(100% + 0.25rem) 0 auto 0;
    }
  }
  @media (max-width: 63.99rem) {
    .count {
      right: calc(100% + 0.15rem);
      font-size: 0.625rem;
      line-height: 2.7;
    }
  }
  @media print {
    .tools,
    .count,
    .letter,
    .retitle,
    .row.locked::before {
      display: none;
    }
  }
`;
