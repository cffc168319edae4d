import { LitElement, css, html, nothing } from 'lit';
import { define } from './define.ts';
import { duration, number, shortRevision } from './format.ts';
import { LocaleController, t } from './i18n.ts';
import type { Page } from './session-state.ts';
import { base } from './styles.ts';

/**
 * How the poem was made, for whoever asks: what the form wanted and what holds, model, device, seed, time.
 * @fires proof-toggle - `detail` is whether it is open.
 */
export class ProofFold extends LitElement {
  static override properties = { page: { attribute: false } };
  declare page: Page | undefined;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        font: 0.875rem/1.5 var(--sans);
      }
      summary {
        display: inline-block;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(7rem, auto) minmax(0, 1fr);
        gap: 0.3rem 1.25rem;
        margin: 0.25rem 0 0;
      }
      dt {
        color: var(--quiet);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
        font-variant-numeric: tabular-nums;
      }
      p {
        margin: 0.75rem 0 0;
        color: var(--quiet);
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.page = undefined;
  }

  protected override render() {
    const words = t();
    const poem = this.page?.poem;
    if (!poem) return nothing;
    const edited = this.page!.lines.filter((line) => line.edited).length;
    return html`<details @toggle=${this.#toggle}>
      <summary class="quiet">${words.proof}</summary>
      <dl>
        ${this.#rows().map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}
      </dl>
      <p>${edited ? words.editedLines(edited) : ''} ${words.machineWrote}</p>
    </details>`;
  }

  #rows(): [string, string][] {
    const words = t();
    const { checks, model, device, seed, timings } = this.page!.poem!;
    const rows: [string, string][] = [];
    if (checks.rhyme.wanted > 0) rows.push([words.proofRhyme, words.proofRhymeText(checks.rhyme.kept, checks.rhyme.wanted, checks.rhyme.scheme)]);
    if (checks.syllables.wanted > 0) rows.push([words.proofSyllables, words.proofSyllablesText(checks.syllables.kept, checks.syllables.wanted)]);
    rows.push(
      [words.proofCopied, words.proofCopiedText(checks.copiedWords)],
      [words.model, `${model.id}, ${shortRevision(model.revision)}, ${model.dtype}`],
      [words.proofDevice, words.devices[device]],
      [words.seed, String(seed)],
      [words.proofTime, words.proofTimeText(duration(timings.totalMs / 1000), number(timings.tokens), number(timings.tokensPerSecond))],
    );
    return rows;
  }

  #toggle(event: Event): void {
    this.dispatchEvent(new CustomEvent('proof-toggle', { detail: (event.target as HTMLDetailsElement).open }));
  }
}

define('verselet-proof', ProofFold);
