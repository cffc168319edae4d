import { css } from 'lit';

export const composeFormStyles = css`
  :host {
    display: block;
    font-family: var(--sans);
    font-size: 0.9375rem;
    line-height: 1.4;
  }
  form {
    display: grid;
    gap: 1.1rem;
    margin: 0;
  }
  .theme {
    display: flex;
    align-items: baseline;
    gap: 0.5rem;
    font-family: var(--serif);
    font-size: 1.1875rem;
  }
  .theme span {
    color: var(--quiet);
    font-style: italic;
  }
  .note {
    margin: 0.15rem 0 0;
    min-height: 1.4em;
    font-size: 0.8125rem;
    color: var(--quiet);
  }
  .write {
    appearance: none;
    display: grid;
    place-items: center;
    min-height: 2.875rem;
    padding: 0.5rem 1.5rem;
    border: 1px solid var(--accent);
    border-radius: 1.5rem;
    background: var(--accent);
    color: var(--paper);
    font-weight: 600;
    letter-spacing: 0.01em;
  }
  .write span {
    grid-area: 1 / 1;
    visibility: hidden;
  }
  .write .shown {
    visibility: visible;
  }
  .write:hover {
    filter: brightness(1.08);
  }
  :host([busy]) .write {
    background: none;
    color: var(--accent);
  }
  .bar {
    display: flex;
    align-items: center;
    gap: 1rem;
  }
  .asked {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
    color: var(--quiet);
  }
  @media (min-width: 64rem) {
    .asked {
      display: none;
    }
    .write {
      flex: 1;
    }
  }
  @media (max-width: 63.99rem) {
    .bar {
      position: fixed;
      z-index: 2;
      inset: auto 0 0;
      padding: 0.6rem max(1rem, env(safe-area-inset-right)) calc(0.6rem + env(safe-area-inset-bottom))
        max(1rem, env(safe-area-inset-left));
      background: var(--paper);
      border-top: 1px solid var(--rule);
    }
    :host([busy]) .wishes {
      display: none;
    }
  }
  @media (max-width: 22rem) {
    .asked {
      display: none;
    }
    .write {
      flex: 1;
    }
  }
  @media (max-width: 63.99rem) and (max-height: 22rem) {
    .bar {
      position: static;
      padding-inline: 0;
    }
  }
  .wishes {
    display: grid;
    gap: 1.1rem;
  }
  @media (forced-colors: active) {
    .write {
      border-color: ButtonText;
    }
  }
`;
