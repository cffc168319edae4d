import { LitElement, html, nothing } from 'lit';
import { asVerseletError } from '../errors.ts';
import { isMetered } from '../platform/connection.ts';
import { type Room, askPersistence, estimateRoom, isPersistent } from '../platform/storage.ts';
import { type CatalogEntry, type KeptModel, type LoadProgress, type ModelShelf, deleteModel, listModels } from '../worker/client.ts';
import { define } from './define.ts';
import { day, duration, megabytes, megabytesOf, shortRevision } from './format.ts';
import { LocaleController, t } from './i18n.ts';
import { asksFirst } from './model-desk.ts';
import { modelsStyles } from './models-view.styles.ts';
import type { ModelChoice } from './session.ts';
import { base } from './styles.ts';
import './progress-line.ts';

/** Fetches a model so that it is kept here; `signal` pauses it, and what has come is kept. */
export type Fetcher = (choice: ModelChoice, onProgress: (progress: LoadProgress) => void, signal: AbortSignal) => Promise<void>;

interface Download {
  id: string;
  abort: AbortController;
  progress?: LoadProgress;
  paused: boolean;
  fault: string;
}

/**
 * What can write here, and what is kept on this device.
 * @fires choose-model - `detail` is the id, undefined for the default.
 */
export class ModelsView extends LitElement {
  static override properties = {
    fetchModel: { attribute: false },
    choice: { attribute: false },
    shelf: { state: true },
    room: { state: true },
    persistent: { state: true },
    asking: { state: true },
    download: { state: true },
    note: { state: true },
  };
  declare fetchModel: Fetcher;
  declare choice: ModelChoice;
  declare shelf: ModelShelf | undefined;
  declare room: Room | undefined;
  declare persistent: boolean | undefined;
  declare asking: string;
  declare download: Download | undefined;
  declare note: string;

  protected readonly locale = new LocaleController(this);
  static override styles = [base, modelsStyles];

  constructor() {
    super();
    this.fetchModel = () => Promise.resolve();
    this.choice = {};
    this.shelf = undefined;
    this.room = undefined;
    this.persistent = undefined;
    this.asking = '';
    this.download = undefined;
    this.note = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh();
  }

  /** Reads again what is kept. */
  async refresh(): Promise<void> {
    try {
      [this.shelf, this.room, this.persistent] = await Promise.all([listModels(), estimateRoom(), isPersistent()]);
    } catch (cause) {
      this.#fault(cause);
    }
  }

  protected override render() {
    const words = t();
    const { catalog = [], kept = [] } = this.shelf ?? {};
    const others = kept.filter(({ id }) => !catalog.some((entry) => entry.id === id));
    return html`<h1>${words.views.models}</h1>
      <p class="lead">${words.modelsLead}</p>
      <p class="note" role="status">${this.note || (this.shelf ? '' : words.listing)}</p>
      <ul>
        ${catalog.map((entry) => this.#entry(entry, kept.find(({ id }) => id === entry.id)))}
        ${others.map((entry) => this.#entry(undefined, entry))}
      </ul>
      ${this.shelf ? html`<h2>${words.roomHeading}</h2>${this.#room()}` : nothing}`;
  }

  #entry(entry: CatalogEntry | undefined, kept: KeptModel | undefined) {
    const words = t();
    const id = (entry ?? kept)!.id;
    const embedded = entry?.kind === 'embedded';
    const isDefault = entry?.isDefault === true;
    const chosen = this.choice.model === id || (isDefault && this.choice.model === undefined);
    const facts = kept
      ? [megabytes(kept.bytes), kept.license, words.revision(shortRevision(kept.revision)), words.lastUsed(day(kept.lastUsed))]
      : [sizeOf(entry!), entry!.license];
    return html`<li>
      <h2 class="name">${id}${chosen ? html` <span class="chosen">${words.chosen}</span>` : nothing}</h2>
      ${words.modelNotes[id] ? html`<p>${words.modelNotes[id]}</p>` : nothing}
      <p class="facts">${facts.filter(Boolean).join(' · ')}</p>
      ${kept && !embedded ? html`<p class="facts">${words.source}: <a href=${safeLink(kept.source)} rel="noreferrer">${kept.source}</a></p>` : nothing}
      <div class="row">
        ${chosen
          ? nothing
          : html`<button class="quiet" type="button" aria-label="${words.useModel}: ${id}" @click=${() => this.#choose(isDefault ? undefined : id)}>${words.useModel}</button>`}
        ${embedded || kept || entry?.kind === 'set' || this.download?.id === id
          ? nothing
          : html`<button class="quiet" type="button" aria-label="${words.downloadModel}: ${id}" @click=${() => this.#ask(id, entry!.bytes)}>${words.downloadModel}</button>`}
        ${kept ? html`<button class="quiet" type="button" aria-label="${words.delete}: ${id}" @click=${() => this.#delete(kept)}>${words.delete}</button>` : nothing}
      </div>
      ${this.asking === id ? this.#question(entry!) : nothing} ${this.download?.id === id ? this.#progress(this.download) : nothing}
    </li>`;
  }

  #question({ id, bytes, keptBytes }: CatalogEntry) {
    const words = t();
    const meaning = keptBytes < bytes ? words.askPacked(megabytes(bytes), megabytes(keptBytes)) : words.askDownload(megabytes(bytes));
    return html`<div class="question" role="group" aria-label=${words.downloadModel}>
      <p>${meaning} ${isMetered() ? words.metered : ''}</p>
      <button class="quiet" type="button" @click=${() => this.#start(id)}>${words.fetchNow}</button>
      <button class="quiet" type="button" @click=${() => (this.asking = '')}>${words.notNow}</button>
    </div>`;
  }

  #progress(download: Download) {
    const words = t();
    const { progress, paused } = download;
    const share = progress && progress.total > 0 ? progress.loaded / progress.total : Number.NaN;
    const [loaded, total] = progress ? megabytesOf(progress.loaded, progress.total) : ['', ''];
    const left = progress && Number.isFinite(progress.etaSeconds) ? duration(progress.etaSeconds) : '';
    const running = progress?.phase === 'download' ? words.fetching(loaded, total, left) : progress ? words.phases[progress.phase] : words.starting;
    return html`<verselet-progress .share=${share} .label=${words.progress} .sentence=${download.fault || (paused ? words.paused(loaded, total) : running)}></verselet-progress>
      <div class="row">
        ${paused
          ? html`<button class="quiet" type="button" @click=${() => this.#start(download.id)}>${words.resume}</button>`
          : html`<button class="quiet" type="button" @click=${() => this.#pause()}>${words.pause}</button>`}
        <button class="quiet" type="button" @click=${() => this.#cancel()}>${words.cancel}</button>
      </div>`;
  }

  #room() {
    const words = t();
    return html`${this.room
        ? html`<p>${words.room(megabytes(this.room.used), megabytes(this.room.quota))}</p>
            <meter min="0" max=${this.room.quota} value=${this.room.used} aria-label=${words.roomHeading}></meter>`
        : html`<p>${words.roomUnknown}</p>`}
      ${this.persistent
        ? html`<p>${words.persistent}</p>`
        : html`<p>${words.notPersistent}</p>
            <button class="quiet" type="button" @click=${this.#persist}>${words.askPersistent}</button>`}`;
  }

  #choose(model: string | undefined): void {
    this.dispatchEvent(new CustomEvent('choose-model', { detail: model }));
  }

  #ask(id: string, bytes: number): void {
    if (asksFirst(bytes, isMetered())) this.asking = id;
    else void this.#start(id);
  }

  async #start(id: string): Promise<void> {
    this.asking = '';
    const download: Download = { id, abort: new AbortController(), progress: this.download?.progress, paused: false, fault: '' };
    this.download?.abort.abort();
    this.download = download;
    const update = (change: Partial<Download>) => {
      if (this.download?.abort === download.abort) this.download = { ...this.download, ...change };
    };
    try {
      await this.fetchModel({ ...this.choice, model: id }, (progress) => update({ progress }), download.abort.signal);
      if (this.download?.abort === download.abort) this.download = undefined;
      await this.refresh();
    } catch (cause) {
      const error = asVerseletError(cause, 'network');
      update({ paused: true, fault: error.code === 'aborted' ? '' : t().fault(error) });
    }
  }

  #pause(): void {
    this.download?.abort.abort();
  }

  #cancel(): void {
    this.download?.abort.abort();
    this.download = undefined;
  }

  async #delete(kept: KeptModel): Promise<void> {
    try {
      await deleteModel(kept.id, kept.revision);
      this.note = t().deletedModel(kept.id);
    } catch (cause) {
      this.#fault(cause);
    }
    await this.refresh();
  }

  async #persist(): Promise<void> {
    this.persistent = await askPersistence();
    if (!this.persistent) this.note = t().persistenceRefused;
  }

  #fault(cause: unknown): void {
    this.note = t().fault(asVerseletError(cause));
  }
}

/** What a model costs: what travels, and what stays where that is less. */
function sizeOf({ kind, bytes, keptBytes }: CatalogEntry): string {
  const words = t();
  const size = keptBytes < bytes ? words.fetchedAndKept(megabytes(bytes), megabytes(keptBytes)) : megabytes(bytes);
  return kind === 'set' ? words.setSize(size) : size;
}

/** A kept model's source as a link: only the web's own schemes. */
function safeLink(source: string): string {
  return /^https?:\/\//.test(source) ? source : '#models';
}

define('verselet-models', ModelsView);
