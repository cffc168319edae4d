import { LitElement, css, html, nothing } from 'lit';
import { QUATRAIN_SCHEMES, type PoemRequest } from '../poetry/types.ts';
import { define } from './define.ts';
import { lengthStep } from './form-shape.ts';
import { LocaleController, t } from './i18n.ts';
import { base } from './styles.ts';
import type { ModelChoice } from './session.ts';

const MAX_TEXT = 500;
const MAX_ACROSTIC = 64;

/**
 * What most poems do not need, behind one word.
 * @fires patch - `detail` holds the changed fields of the request.
 * @fires choice-patch - `detail` holds the changed fields of the model choice.
 */
export class MoreOptions extends LitElement {
  static override properties = { request: { attribute: false }, choice: { attribute: false } };
  declare request: PoemRequest;
  declare choice: ModelChoice;

  static override styles = [
    base,
    css`
      summary {
        display: inline-block;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 0.9rem 1.2rem;
        padding-top: 0.4rem;
      }
      label {
        display: grid;
        align-content: start;
        font-size: 0.8125rem;
        color: var(--quiet);
      }
      label .field {
        font-size: 0.9375rem;
        color: var(--ink);
      }
      .wide {
        grid-column: 1 / -1;
      }
      .verse {
        font-family: var(--serif);
        font-size: 1.0625rem !important;
      }
      .check {
        display: flex;
        align-items: center;
        gap: 0.6rem;
        min-height: 2.5rem;
      }
      .check input {
        width: 1.1rem;
        height: 1.1rem;
        margin: 0;
        accent-color: var(--accent);
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.request = {};
    this.choice = {};
  }

  protected override render() {
    const words = t();
    const { form = 'free' } = this.request;
    const step = lengthStep(form);
    return html`<details>
      <summary class="quiet">${words.more}</summary>
      <div class="fields">
        ${this.#text('title', words.title, words.titlePlaceholder)}
        ${this.#text('firstLine', words.firstLine, words.firstLinePlaceholder)}
        ${this.#text('acrostic', words.acrostic, words.acrosticHelp)}
        ${step === undefined ? nothing : this.#number('lines', words.length, words.lengthDefault, step, 64, step)}
        ${form === 'quatrains'
          ? this.#select('scheme', words.scheme, QUATRAIN_SCHEMES.map((value) => [value, value]), this.request.scheme ?? 'ABAB')
          : nothing}
        ${form === 'free'
          ? nothing
          : this.#select('rhyme', words.rhyme, Object.entries(words.rhymes), this.request.rhyme ?? 'perfect')}
        ${this.#number('candidates', words.candidates, words.defaultOption, 1, 64, 1)}
        ${this.#number('temperature', words.temperature, words.defaultOption, 0, 2, 0.05)}
        ${this.#number('seed', words.seed, words.seedPlaceholder, 0, 4294967295, 1)}
        ${this.#device()}
        <label class="check wide"
          ><input
            type="checkbox"
            .checked=${this.request.preset === 'autocompose'}
            @change=${(event: Event) =>
              this.#patch({ preset: (event.target as HTMLInputElement).checked ? 'autocompose' : undefined })}
          />${words.original}</label
        >
      </div>
    </details>`;
  }

  #text(field: 'title' | 'firstLine' | 'acrostic', label: string, placeholder: string) {
    return html`<label class="wide"
      >${label}<input
        class="field verse"
        name=${field}
        dir="auto"
        maxlength=${field === 'acrostic' ? MAX_ACROSTIC : MAX_TEXT}
        placeholder=${placeholder}
        .value=${this.request[field] ?? ''}
        @input=${(event: InputEvent) => this.#patch({ [field]: (event.target as HTMLInputElement).value || undefined })}
    /></label>`;
  }

  #number(field: 'lines' | 'candidates' | 'temperature' | 'seed', label: string, placeholder: string, min: number, max: number, step: number) {
    const read = (event: Event) => {
      const { value, valueAsNumber } = event.target as HTMLInputElement;
      this.#patch({ [field]: value === '' || Number.isNaN(valueAsNumber) ? undefined : valueAsNumber });
    };
    return html`<label
      >${label}<input
        class="field"
        type="number"
        inputmode=${step < 1 ? 'decimal' : 'numeric'}
        name=${field}
        min=${min}
        max=${max}
        step=${step}
        placeholder=${placeholder}
        .value=${this.request[field]?.toString() ?? ''}
        @change=${read}
    /></label>`;
  }

  #select(field: 'scheme' | 'rhyme', label: string, options: [string, string][], value: string) {
    return html`<label
      >${label}<select
        class="field"
        name=${field}
        @change=${(event: Event) => this.#patch({ [field]: (event.target as HTMLSelectElement).value })}
      >
        ${options.map(([key, text]) => html`<option value=${key} .selected=${key === value}>${text}</option>`)}
      </select></label
    >`;
  }

  #device() {
    const words = t();
    const { device = 'auto' } = this.choice;
    return html`<label class="wide"
      >${words.device}<select
        class="field"
        name="device"
        @change=${(event: Event) =>
          this.dispatchEvent(new CustomEvent('choice-patch', { detail: { device: (event.target as HTMLSelectElement).value } }))}
      >
        ${Object.entries(words.devices).map(
          ([key, text]) => html`<option value=${key} .selected=${key === device}>${text}</option>`,
        )}
      </select></label
    >`;
  }

  #patch(detail: Partial<Record<keyof PoemRequest, unknown>>): void {
    this.dispatchEvent(new CustomEvent('patch', { detail }));
  }
}

define('verselet-more', MoreOptions);
