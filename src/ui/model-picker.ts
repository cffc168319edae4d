import { LitElement, css, html, nothing } from 'lit';
import { listModels, type ModelShelf } from '../worker/client.ts';
import { define } from './define.ts';
import { megabytes } from './format.ts';
import { LocaleController, t } from './i18n.ts';
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
  };
  declare choice: ModelChoice;
  declare opened: string | undefined;
  declare shelf: ModelShelf | undefined;
  declare typing: boolean;

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
          : words.modelSize(entry.id, megabytes(entry.bytes));
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
        @change=${(event: Event) => this.#patch((event.target as HTMLInputElement).value.trim() || undefined)}
    /></label>`;
  }

  async #toggle(event: Event): Promise<void> {
    if (!(event.target as HTMLDetailsElement).open || this.shelf) return;
    // Without the list the default and the typed id still work.
    this.shelf = await listModels().catch(() => undefined);
  }

  #select(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.typing = value === OTHER;
    if (!this.typing) this.#patch(value || undefined);
  }

  #patch(model: string | undefined): void {
    this.dispatchEvent(new CustomEvent('choice-patch', { detail: { model } }));
  }
}

define('verselet-model-picker', ModelPicker);
