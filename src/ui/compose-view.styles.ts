import { css } from 'lit';

/** The poem in the middle, the wishes beside it or under it. */
export const composeViewStyles = css`
  :host {
    display: block;
  }
  .layout {
    display: grid;
    grid-template-columns: minmax(0, 42rem);
    justify-content: center;
    gap: 1.5rem 3rem;
    padding: 0 max(1rem, env(safe-area-inset-right)) 6rem max(1rem, env(safe-area-inset-left));
  }
  .sheet {
    min-width: 0;
  }
  verselet-poem-editor {
    max-width: 38rem;
  }
  .empty {
    margin: 0;
    color: var(--quiet);
    font-style: italic;
  }
  .device {
    margin: 1.25rem 0 0;
    font: 0.8125rem/1.4 var(--sans);
    color: var(--quiet);
  }
  .fault {
    margin: 0.5rem 0 0;
    padding: 0.75rem 0 0.25rem;
    font: 0.9375rem/1.5 var(--sans);
    border-top: 1px solid var(--rule);
  }
  .fault p {
    margin: 0;
  }
  .row {
    display: flex;
    gap: 1.25rem;
    font: 0.875rem/1.4 var(--sans);
  }
  .small {
    color: var(--quiet);
  }
  @media (min-width: 64rem) {
    .layout {
      grid-template-columns: minmax(0, 36rem) 20.5rem;
      /* Leaves a margin for the counts of syllables. */
      gap: 3rem;
      padding-top: 2vh;
      padding-bottom: 4rem;
    }
    .controls {
      align-self: start;
      position: sticky;
      top: 1.5rem;
    }
  }
  @media (min-width: 84rem) {
    .layout {
      grid-template-columns: minmax(0, 20.5rem) minmax(0, 36rem) 20.5rem;
      gap: 4rem;
    }
    .sheet {
      grid-column: 2;
    }
  }
  @media print {
    .controls,
    .after,
    .fault,
    .device {
      display: none;
    }
    .layout {
      display: block;
      padding: 0;
    }
  }
`;
