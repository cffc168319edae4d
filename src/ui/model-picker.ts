import { LitElement, css, html, nothing } from 'lit';
import { asVerseletError } from '../errors.ts';
import { inspectModel, listModels, type ModelShelf } from '../worker/client.ts';
import { define } from './define.ts';
import { megabytes } from './format.ts';
import { LocaleController, t } from './i18n.ts';
import { previewSentence } from './status.ts';
import { base } from './styles.ts';
import type { ModelChoice } from './session.ts';

const OTHER = '\u0000other';

/**
 * Which model writes: what ships with the page, what the catalog names, or any other GPT-2 by its id. The list is asked
 * for when the fold is opened, not before: it lives in the worker.
 * @fires choice-patch - `detail` holds `model`.
 */
export class ModelPicker extends LitElement {
  static override properties = {
    choice: { attribute: false },
    opened: { attribute: false },
    shelf: { state: true },
    typing: { state: true },
    preview: { state: true },
  };
  declare choice: ModelChoice;
  declare opened: string | undefined;
  declare shelf: ModelShelf | undefined;
  declare typing: boolean;
  /** What opening the typed model will mean. */
  declare preview: string;

  static override styles = [
    base,
    css`
      summary {
        display: inline-block;
        list-style: none;
        overflow-wrap: anywhere;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      label {
        display: grid;
        font-size: 0.8125rem;
        color: var(--quiet);
      }
      p {
        margin: 0.4rem 0 0;
        min-height: 1.4em;
        font-size: 0.8125rem;
        color: var(--quiet);
        overflow-wrap: anywhere;
      }
      label .field {
        font-size: 0.9375rem;
        color: var(--ink);
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.choice = {};
    this.opened = undefined;
    this.shelf = undefined;
    this.typing = false;
    this.preview = '';
  }

  protected override render() {
    const words = t();
    const named = this.choice.model ?? this.opened;
    return html`<details @toggle=${this.#toggle}>
      <summary class="quiet">${words.model}: ${named ?? words.modelDefault}</summary>
      <label
        >${words.model}<select class="field" name="model" @change=${this.#select}>
          ${this.#options()}
          <option value=${OTHER} .selected=${this.typing}>${words.modelOther}</option>
        </select></label
      >
      ${this.typing ? this.#other() : nothing}
    </details>`;
  }

  #options() {
    const words = t();
    const { model } = this.choice;
    const catalog = this.shelf?.catalog ?? [];
    const kept = new Map((this.shelf?.kept ?? []).map((entry) => [entry.id, entry]));
    const known = catalog.map((entry) => {
      const embedded = entry.kind === 'embedded';
      const label = embedded
        ? words.modelShipped(entry.id, megabytes(entry.bytes))
        : kept.has(entry.id)
          ? words.modelKept(entry.id)
          : words.modelSize(entry.id, entry.kind === 'set' ? words.setSize(megabytes(entry.bytes)) : megabytes(entry.bytes));
      return { value: entry.id, label };
    });
    for (const id of kept.keys()) {
      if (!known.some(({ value }) => value === id)) known.push({ value: id, label: words.modelKept(id) });
    }
    if (model !== undefined && !known.some(({ value }) => value === model)) known.push({ value: model, label: model });
    return html`<option value="" .selected=${model === undefined && !this.typing}>${words.modelDefault}</option>
      ${known.map(
        ({ value, label }) => html`<option value=${value} .selected=${value === model && !this.typing}>${label}</option>`,
      )}`;
  }

  #other() {
    const words = t();
    return html`<label
      >${words.modelId}<input
        class="field"
        name="model-id"
        spellcheck="false"
        autocapitalize="off"
        maxlength="500"
        placeholder=${words.modelIdPlaceholder}
        @change=${(event: Event) => this.#typed((event.target as HTMLInputElement).value.trim())}
      /></label>
      <p role="status">${this.preview}</p>`;
  }

  /** Takes the id, and says what opening it will mean before anything large travels. */
  async #typed(model: string): Promise<void> {
    this.#patch(model || undefined);
    this.preview = model ? t().inspecting : '';
    if (!model.includes('/') || /^https?:/i.test(model)) {
      this.preview = '';
      return;
    }
    let sentence: string;
    try {
      sentence = previewSentence(await inspectModel(model, this.choice.hub));
    } catch (cause) {
      sentence = t().fault(asVerseletError(cause, 'network'));
    }
    // Another id may have been typed in the meantime.
    if (this.choice.model === model) this.preview = sentence;
  }

  async #toggle(event: Event): Promise<void> {
    if (!(event.target as HTMLDetailsElement).open || this.shelf) return;
    // Without the list the default and the typed id still work.
    this.shelf = await listModels().catch(() => undefined);
  }

  #select(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.typing = value === OTHER;
    this.preview = '';
    if (!this.typing) this.#patch(value || undefined);
  }

  #patch(model: string | undefined): void {
    this.dispatchEvent(new CustomEvent('choice-patch', { detail: { model } }));
  }
}

define('verselet-model-picker', ModelPicker);
