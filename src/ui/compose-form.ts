import { LitElement, html } from 'lit';
import { FORM_NAMES, type Emotion, type FormName, type PoemRequest } from '../poetry/types.ts';
import { composeFormStyles } from './compose-form.styles.ts';
import { define } from './define.ts';
import { withForm } from './form-shape.ts';
import { TINTS, WHEEL } from './hues.ts';
import { LocaleController, t } from './i18n.ts';
import { base } from './styles.ts';
import type { ModelChoice } from './session.ts';
import './choice-row.ts';
import './model-picker.ts';
import './more-options.ts';

/** A press this soon after Compose is the second half of a double click, not a wish to stop. */
const DOUBLE_CLICK_MS = 350;

/**
 * Everything a poem is asked for with.
 * @fires request-change - `detail` is the new request.
 * @fires choice-change - `detail` is the new model choice.
 * @fires compose-request
 * @fires stop-request
 */
export class ComposeForm extends LitElement {
  static override properties = {
    request: { attribute: false },
    choice: { attribute: false },
    busy: { type: Boolean, reflect: true },
    again: { type: Boolean },
    opened: { attribute: false },
  };
  declare request: PoemRequest;
  declare choice: ModelChoice;
  declare busy: boolean;
  /** A poem is on the page already. */
  declare again: boolean;
  /** Id of the model that is open, where one is. */
  declare opened: string | undefined;

  #startedAt = 0;

  static override styles = [base, composeFormStyles];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.request = {};
    this.choice = {};
    this.busy = false;
    this.again = false;
    this.opened = undefined;
  }

  protected override render() {
    const words = t();
    const { emotion = 'neutral', form = 'free', theme = '' } = this.request;
    return html`<form @submit=${this.#submit} autocomplete="off" novalidate>
      <div class="wishes">
        <verselet-choices
          class="emotions"
          columns="3"
          .legend=${words.emotionLegend}
          .choices=${WHEEL.map((value) => ({ value, label: words.emotions[value], tint: TINTS[value] }))}
          .value=${emotion}
          @choose=${(event: CustomEvent<Emotion>) => this.#change({ emotion: event.detail, arc: undefined })}
          @keydown=${this.#enter}
        ></verselet-choices>
        <label class="theme"
          ><span>${words.theme}</span>
          <input
            class="field"
            name="theme"
            maxlength="500"
            dir="auto"
            enterkeyhint="go"
            placeholder=${words.themePlaceholder}
            .value=${theme}
            @input=${(event: InputEvent) => this.#change({ theme: (event.target as HTMLInputElement).value })}
          />
        </label>
        <div>
          <verselet-choices
            class="forms"
            .legend=${words.formLegend}
            .choices=${FORM_NAMES.map((value) => ({ value, label: words.forms[value] }))}
            .value=${form}
            @choose=${(event: CustomEvent<FormName>) => this.#change(withForm(this.request, event.detail))}
            @keydown=${this.#enter}
          ></verselet-choices>
          <p class="note">${words.formNotes[form]}</p>
        </div>
      </div>
      <div class="bar">
        <span class="asked" aria-hidden="true">${words.emotions[emotion]}, ${words.forms[form]}</span>
        <button class="write" type="submit" part="button">${this.#labels()}</button>
      </div>
      <div class="wishes">
        <verselet-more .request=${this.request} .choice=${this.choice} @patch=${this.#patch} @choice-patch=${this.#choicePatch}></verselet-more>
        <verselet-model-picker .choice=${this.choice} .opened=${this.opened} @choice-patch=${this.#choicePatch}></verselet-model-picker>
        <p class="note">${words.poemLanguage}</p>
      </div>
    </form>`;
  }

  /** All labels in one place, one of them shown: so the button keeps its width, and no letter of it moves. */
  #labels() {
    const { stop, compose, composeAgain } = t();
    const shown = this.busy ? stop : this.again ? composeAgain : compose;
    return [compose, composeAgain, stop].map((label) => html`<span class=${label === shown ? 'shown' : ''}>${label}</span>`);
  }

  /** Focuses the button that writes and stops. */
  focusWrite(): void {
    this.renderRoot.querySelector<HTMLButtonElement>('.write')?.focus();
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!this.busy) {
      this.#startedAt = event.timeStamp;
      this.dispatchEvent(new CustomEvent('compose-request'));
    } else if (event.timeStamp - this.#startedAt > DOUBLE_CLICK_MS) {
      this.dispatchEvent(new CustomEvent('stop-request'));
    }
  }

  #enter(event: KeyboardEvent): void {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    this.renderRoot.querySelector('form')?.requestSubmit();
  }

  #patch(event: CustomEvent<PoemRequest>): void {
    this.#change(event.detail);
  }

  #change(patch: PoemRequest): void {
    const request = withoutEmpty({ ...('form' in patch ? {} : this.request), ...patch });
    this.dispatchEvent(new CustomEvent('request-change', { detail: request }));
  }

  #choicePatch(event: CustomEvent<ModelChoice>): void {
    this.dispatchEvent(new CustomEvent('choice-change', { detail: withoutEmpty({ ...this.choice, ...event.detail }) }));
  }
}

/** An absent field is absent: `undefined`, '' and `neutral`-like defaults are the composer's business. */
export function withoutEmpty<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined && field !== '')) as T;
}

define('verselet-compose-form', ComposeForm);
