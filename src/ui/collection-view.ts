import { LitElement, html, nothing } from 'lit';
import { asVerseletError } from '../errors.ts';
import { watchCollection } from '../library/changes.ts';
import { exportJson, exportMarkdown, importPoems, newPoems } from '../library/exchange.ts';
import { type KeptPoem, SORTS, type Sort, arrange, deletePoem, findPoem, keepPoem, listPoems } from '../library/poems.ts';
import { chooseFile, saveFile } from '../platform/files.ts';
import { collectionStyles } from './collection-view.styles.ts';
import { define } from './define.ts';
import { day } from './format.ts';
import { TINTS } from './hues.ts';
import { LocaleController, t } from './i18n.ts';
import { base } from './styles.ts';

const SLICE = 200;
/** More than `importPoems` takes, whatever the characters; the rest of a larger file is not read. */
const MOST_BYTES = 61e6;

/**
 * Every poem one keeps, as a contents page.
 * @fires open-poem - `detail` is the KeptPoem.
 * @fires notice - `detail` is a sentence for the status region.
 */
export class CollectionView extends LitElement {
  static override properties = {
    poems: { state: true },
    search: { state: true },
    sort: { state: true },
    favourites: { state: true },
    deleted: { state: true },
    note: { state: true },
    most: { state: true },
  };
  declare poems: readonly KeptPoem[] | undefined;
  declare search: string;
  declare sort: Sort;
  declare favourites: boolean;
  declare deleted: KeptPoem | undefined;
  declare note: string;
  /** Entries drawn so far: a large collection comes in slices, so that the page answers meanwhile. */
  declare most: number;

  #unwatch: (() => void) | undefined;

  protected readonly locale = new LocaleController(this);

  static override styles = [base, collectionStyles];

  constructor() {
    super();
    this.poems = undefined;
    this.search = '';
    this.sort = 'newest';
    this.favourites = false;
    this.deleted = undefined;
    this.note = '';
    this.most = SLICE;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unwatch = watchCollection(() => void this.refresh());
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch?.();
  }

  /** Reads the collection again. */
  async refresh(): Promise<void> {
    await this.#try(async () => {
      this.poems = await listPoems();
    });
    this.poems ??= [];
  }

  protected override render() {
    const words = t();
    const { poems } = this;
    const shown = poems ? arrange(poems, { search: this.search, sort: this.sort, favourites: this.favourites }) : [];
    return html`<h1>${words.views.collection}</h1>
      ${poems?.length ? this.#tools() : nothing}
      <p class="note" role="status">${this.note}</p>
      ${this.deleted
        ? html`<p class="undo">
            ${words.deleted(this.deleted.poem.title)}
            <button class="quiet" type="button" @click=${this.#undelete}>${words.undo}</button>
          </p>`
        : nothing}
      ${poems?.length === 0 ? html`<p class="empty">${words.emptyCollection} <a href="#compose">${words.emptyCollectionNext}</a></p>` : nothing}
      ${poems?.length && !shown.length ? html`<p class="empty">${words.nothingFound}</p>` : nothing}
      <ol class="contents">
        ${shown.slice(0, this.most).map((entry) => this.#entry(entry))}
      </ol>
      <div class="files">
        ${poems?.length
          ? html`<button class="quiet" type="button" @click=${() => this.#export('json')}>${words.exportJson}</button>
              <button class="quiet" type="button" @click=${() => this.#export('md')}>${words.exportMarkdown}</button>`
          : nothing}
        <button class="quiet" type="button" @click=${this.#import}>${words.importFile}</button>
      </div>`;
  }

  #tools() {
    const words = t();
    return html`<div class="tools" role="search">
      <input
        class="field"
        type="search"
        aria-label=${words.search}
        placeholder=${words.search}
        dir="auto"
        .value=${this.search}
        @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
      />
      <label
        ><span class="hidden">${words.sort}</span
        ><select class="field" @change=${(event: Event) => (this.sort = (event.target as HTMLSelectElement).value as Sort)}>
          ${SORTS.map((sort) => html`<option value=${sort} .selected=${sort === this.sort}>${words.sorts[sort]}</option>`)}
        </select></label
      >
      <button
        class="quiet"
        type="button"
        aria-pressed=${this.favourites ? 'true' : 'false'}
        @click=${() => (this.favourites = !this.favourites)}
      >
        ${words.favouritesOnly}
      </button>
    </div>`;
  }

  #entry(entry: KeptPoem) {
    const words = t();
    const { poem, favourite } = entry;
    const title = poem.title || words.untitled;
    return html`<li data-emotion=${poem.emotion}>
      <div class="head">
        <button class="open" type="button" @click=${() => this.#emit('open-poem', entry)}>
          <span class="mark" aria-hidden="true"></span><span class="title" lang="en" dir="auto">${title}</span>
        </button>
        <span class="leader" aria-hidden="true"></span>
        <span class="date">${day(entry.keptAt)}</span>
      </div>
      <p class="first" lang="en" dir="auto">${poem.stanzas[0]?.[0] ?? ''}</p>
      <p class="what">${words.emotions[poem.emotion]}, ${words.forms[poem.form]}
        <button class="quiet" type="button" aria-pressed=${favourite ? 'true' : 'false'}
          aria-label="${favourite ? words.favourite : words.makeFavourite}: ${title}" @click=${() => this.#favour(entry)}>
          ${favourite ? words.favourite : words.makeFavourite}
        </button>
        <button class="quiet" type="button" aria-label="${words.delete}: ${title}" @click=${() => this.#delete(entry)}>
          ${words.delete}
        </button>
      </p>
    </li>`;
  }

  protected override updated(): void {
    if (this.most < (this.poems?.length ?? 0)) setTimeout(() => (this.most += SLICE));
    for (const item of this.renderRoot.querySelectorAll<HTMLElement>('li')) {
      const tint = TINTS[item.dataset.emotion as keyof typeof TINTS];
      item.style.setProperty('--mark-hue', String(tint.hue));
      item.style.setProperty('--mark-chroma', String(tint.chroma));
    }
  }

  #favour(entry: KeptPoem): Promise<void> {
    return this.#try(async () => {
      // Another tab may have deleted it in the meantime: it does not come back by being favoured.
      const stored = await findPoem(entry.poem.id);
      if (stored) await keepPoem({ ...stored, favourite: !entry.favourite });
      this.poems = await listPoems();
    });
  }

  #delete(entry: KeptPoem): Promise<void> {
    return this.#try(async () => {
      await deletePoem(entry.poem.id);
      this.poems = await listPoems();
      this.deleted = entry;
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>('.undo button')?.focus();
    });
  }

  #undelete(): Promise<void> {
    return this.#try(async () => {
      if (this.deleted) await keepPoem(this.deleted);
      this.deleted = undefined;
      this.poems = await listPoems();
      this.#say(t().restored);
    });
  }

  #export(kind: 'json' | 'md'): void {
    const poems = this.poems ?? [];
    if (kind === 'json') saveFile('verselet-poems.json', exportJson(poems), 'application/json');
    else saveFile('verselet-poems.md', exportMarkdown(poems), 'text/markdown');
  }

  #import(): Promise<void> {
    return this.#try(async () => {
      const file = await chooseFile('application/json,.json');
      if (!file) return;
      const words = t();
      const result = await importPoems(await file.slice(0, MOST_BYTES).text(), new Date().toISOString());
      if (result.unreadable) {
        this.#say(words.unreadable[result.unreadable]);
        return;
      }
      const fresh = newPoems(result.poems, this.poems ?? []);
      for (const entry of fresh) await keepPoem(entry);
      this.poems = await listPoems();
      this.#say(words.imported(fresh.length, result.poems.length - fresh.length, result.bad));
    });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      this.#say(t().fault(asVerseletError(cause, 'storage-blocked')));
    }
  }

  #say(sentence: string): void {
    this.note = sentence;
  }

  #emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

define('verselet-collection', CollectionView);
