import { LitElement, css, html, nothing } from 'lit';
import { copyText } from '../platform/clipboard.ts';
import { fileName, saveFile } from '../platform/files.ts';
import { type CardShape, drawCard } from '../platform/picture-card.ts';
import { canShare, share } from '../platform/share.ts';
import { canSpeak, readAloud } from '../platform/speech.ts';
import { poemMarkdown } from '../library/exchange.ts';
import { define } from './define.ts';
import { TINTS } from './hues.ts';
import { LocaleController, t } from './i18n.ts';
import { embedSnippet, linkOf, plainText } from './page-text.ts';
import { type Page, stanzasOf } from './session-state.ts';
import { base } from './styles.ts';

const FACE = "'Newsreader Verse', Georgia, serif";

/**
 * What one can do with the poem on the page.
 * @fires notice - `detail` is a sentence for the status region.
 * @fires keep - The reader wants the poem in the collection.
 * @fires spoken - `detail` is the index of the line read aloud, -1 at the end.
 */
export class PoemActions extends LitElement {
  static override properties = {
    page: { attribute: false },
    done: { state: true },
    reading: { state: true },
  };
  declare page: Page | undefined;
  /** The action that has just succeeded, shown in its own place. */
  declare done: string;
  declare reading: boolean;

  #stopReading: (() => void) | undefined;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        margin-top: 1rem;
        font: 0.875rem/1.4 var(--sans);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 0 1.25rem;
      }
      summary {
        display: inline-block;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      p {
        margin: 0.25rem 0;
        color: var(--quiet);
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.page = undefined;
    this.done = '';
    this.reading = false;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('page') && changed.get('page')) {
      this.done = '';
      this.#stopReading?.();
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopReading?.();
  }

  protected override render() {
    const words = t();
    if (!this.page) return nothing;
    const kept = this.page.savedAs !== undefined;
    return html`<div class="row">
        <button class="quiet" type="button" ?disabled=${kept} @click=${() => this.#emit('keep', undefined)}>
          ${kept ? words.inCollection : words.keepPoem}
        </button>
        ${this.#button('copy', words.copy, () => this.#copy(plainText(this.page!)))}
        ${canSpeak()
          ? html`<button class="quiet" type="button" aria-pressed=${this.reading ? 'true' : 'false'} @click=${this.#read}>
              ${this.reading ? words.stopReading : words.readAloud}
            </button>`
          : nothing}
        ${this.#button('link', words.copyLink, () => this.#copy(linkOf(this.page!)))}
      </div>
      <details>
        <summary class="quiet">${words.shareMore}</summary>
        <div class="row">
          ${canShare() ? this.#button('share', words.share, () => this.#share()) : nothing}
          ${this.#button('markdown', words.copyMarkdown, () => this.#copy(this.#markdown()))}
          ${this.#button('wide', words.cardWide, () => this.#card('wide'))}
          ${this.#button('square', words.cardSquare, () => this.#card('square'))}
          ${this.#button('print', words.print, async () => (print(), true))}
          ${this.#button('embed', words.copyEmbed, () => this.#copy(embedSnippet(this.page!)))}
        </div>
        <p>${words.linkNote}</p>
      </details>`;
  }

  #button(name: string, label: string, act: () => Promise<boolean>) {
    const run = async () => {
      const worked = await act().catch(() => false);
      this.done = worked && name !== 'print' ? name : '';
      this.#emit('notice', worked ? t().done : t().copyFailed);
    };
    return html`<button class="quiet" type="button" @click=${run}>${label}${this.done === name ? html` <span aria-hidden="true">✓</span>` : nothing}</button>`;
  }

  #copy(text: string): Promise<boolean> {
    return copyText(text);
  }

  #markdown(): string {
    return poemMarkdown({ title: this.page!.title, stanzas: stanzasOf(this.page!) });
  }

  async #share(): Promise<boolean> {
    const { title } = this.page!;
    return (await share({ title, text: plainText(this.page!), url: linkOf(this.page!) })) !== 'unsupported';
  }

  async #card(shape: CardShape): Promise<boolean> {
    const page = this.page!;
    const tint = TINTS[page.request.emotion ?? 'neutral'];
    const blob = await drawCard(shape, { title: page.title, stanzas: stanzasOf(page), tint, face: FACE });
    saveFile(fileName(page.title, 'png'), blob);
    return true;
  }

  #read(): void {
    if (this.reading) {
      this.#stopReading?.();
      return;
    }
    this.reading = true;
    const lines = this.page!.lines.map((line) => line.text);
    this.#stopReading = readAloud(lines, (index) => {
      if (index < 0) this.reading = false;
      this.#emit('spoken', index);
    });
  }

  #emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

define('verselet-poem-actions', PoemActions);
