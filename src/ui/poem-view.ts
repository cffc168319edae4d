import { type CSSResultGroup, LitElement, type PropertyDeclarations, css, html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { define } from './define.ts';
import { base } from './styles.ts';

export interface ShownLine {
  text: string;
  /** Index of the stanza, from 0. */
  stanza: number;
}

/**
 * A poem as a page of a book; finished lines fade in, nothing else moves. Knows nothing of how the poem is made.
 * `rows` keeps the height of that many lines free before they arrive.
 * @slot status - Between title and poem.
 * @slot empty - Shown in place of the lines while there are none.
 * @csspart poem - The article.
 * @csspart title
 * @csspart stanza
 * @csspart line - One line; its text content is the line and nothing else.
 */
export class PoemView extends LitElement {
  static override properties: PropertyDeclarations = {
    heading: { type: String },
    lines: { attribute: false },
    rows: { type: Number },
    busy: { type: Boolean },
    level: { type: Number },
    spoken: { type: Number },
  };
  declare heading: string;
  declare lines: readonly ShownLine[];
  declare rows: number;
  declare busy: boolean;
  /** Heading level of the title. */
  declare level: number;
  /** Index of the line that is read aloud; -1: none. */
  declare spoken: number;

  static override styles: CSSResultGroup = [
    base,
    css`
      :host {
        display: block;
        font-family: var(--serif, var(--verselet-serif, Georgia, serif));
        font-size: var(--verselet-poem-size, clamp(1.0625rem, 0.95rem + 0.55vw, 1.375rem));
        line-height: 1.55;
        color: var(--ink, CanvasText);
        font-variant-numeric: oldstyle-nums;
        font-kerning: normal;
        text-rendering: optimizeLegibility;
      }
      h2 {
        margin: 0;
        min-height: 2.5em;
        align-content: end;
        font-weight: 400;
        font-style: italic;
        font-size: 1.35em;
        line-height: 1.25;
        text-wrap: balance;
        overflow-wrap: break-word;
      }
      :host([plain]) h2 {
        min-height: 0;
        margin-bottom: 0.6em;
      }
      .body {
        min-height: calc(var(--_rows, 0) * 1lh);
        position: relative;
      }
      .stanza + .stanza {
        margin-top: 1lh;
      }
      .line {
        display: block;
        margin: 0;
        padding-inline-start: 1.5em;
        text-indent: -1.5em;
        overflow-wrap: break-word;
        animation: ink 180ms ease-out;
      }
      .spoken {
        text-decoration: underline;
        text-decoration-color: var(--accent);
        text-decoration-thickness: 0.08em;
        text-underline-offset: 0.25em;
      }
      @keyframes ink {
        from {
          opacity: 0;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .line {
          animation: none;
        }
      }
      @media print {
        h2,
        .body {
          min-height: 0;
        }
        .stanza {
          break-inside: avoid;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.heading = '';
    this.lines = [];
    this.rows = 0;
    this.busy = false;
    this.level = 2;
    this.spoken = -1;
  }

  protected override render() {
    const stanzas: number[] = [...new Set(this.lines.map((line) => line.stanza))];
    return html`<article part="poem" lang="en" aria-busy=${this.busy ? 'true' : 'false'}>
      ${this.renderTitle()}
      <slot name="status"></slot>
      <div class="body">
        ${this.lines.length ? nothing : html`<slot name="empty"></slot>`}
        ${stanzas.map((stanza) => html`<div class="stanza" part="stanza">${this.#stanza(stanza)}</div>`)}
      </div>
    </article>`;
  }

  /** The title's row; the editable poem lets it be changed. */
  protected renderTitle() {
    // While the poem has no title its row only keeps the place.
    return html`<h2 part="title" aria-level=${this.level} aria-hidden=${this.heading ? nothing : 'true'} dir="auto">${this.heading}</h2>`;
  }

  protected override updated(): void {
    this.style.setProperty('--_rows', String(this.rows));
  }

  #stanza(stanza: number) {
    return this.lines.map((line, index) => (line.stanza === stanza ? this.renderLine(line, index) : nothing));
  }

  /** One row of the poem; the editable poem adds its tools here. */
  protected renderLine(line: ShownLine, index: number) {
    // Another text is another line: it fades in like every line.
    return html`${keyed(
      line.text,
      html`<p class="line ${index === this.spoken ? 'spoken' : ''}" part="line" dir="auto">${line.text}</p>`,
    )}`;
  }
}

define('verselet-poem-view', PoemView);
