import { LitElement, css, html, nothing } from 'lit';
import { canInstall, install } from '../platform/install.ts';
import { define } from './define.ts';
import { LocaleController, t } from './i18n.ts';
import { base } from './styles.ts';
import type { Settings } from '../library/settings.ts';

/**
 * How it works, what leaves the device, who made what; and the settings of the page.
 * @fires settings-change - `detail` is the new Settings.
 */
export class AboutView extends LitElement {
  static override properties = { settings: { attribute: false } };
  declare settings: Settings;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        max-width: 38rem;
        margin: 0 auto;
        padding: 1.5rem max(1rem, env(safe-area-inset-right)) 4rem max(1rem, env(safe-area-inset-left));
        font: 1.0625rem/1.6 var(--serif);
        hanging-punctuation: first;
      }
      h1 {
        margin: 0 0 0.75rem;
        font: italic 400 1.75rem/1.25 var(--serif);
      }
      h2 {
        margin: 2rem 0 0.25rem;
        font: italic 400 1.3125rem/1.3 var(--serif);
      }
      p {
        margin: 0 0 0.75rem;
      }
      ul {
        margin: 0 0 0.75rem;
        padding-inline-start: 1.2em;
      }
      .settings {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem 2rem;
        font: 0.9375rem/1.5 var(--sans);
      }
      .settings label {
        display: grid;
        font-size: 0.8125rem;
        color: var(--quiet);
      }
      .settings select {
        min-width: 10rem;
        color: var(--ink);
        font-size: 0.9375rem;
      }
      .quiet {
        font: 0.9375rem/1.5 var(--sans);
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    this.settings = { language: 'auto', appearance: 'auto' };
  }

  protected override render() {
    const words = t().about;
    return html`<h1>${t().views.about}</h1>
      ${words.sections.map(
        ({ heading, paragraphs }) => html`<section>
          <h2>${heading}</h2>
          ${paragraphs.map((text) => html`<p>${text}</p>`)}
        </section>`,
      )}
      <section>
        <h2>${words.licencesHeading}</h2>
        <ul>
          ${words.licences.map((text) => html`<li>${text}</li>`)}
        </ul>
        <p><a href="licences.txt">${words.allLicences}</a></p>
      </section>
      <section>
        <h2>${words.settingsHeading}</h2>
        <div class="settings">
          ${this.#select('language', words.language, words.languages)} ${this.#select('appearance', words.appearance, words.appearances)}
        </div>
        ${canInstall() ? html`<p><button class="quiet" type="button" @click=${() => install()}>${words.install}</button></p>` : nothing}
      </section>`;
  }

  #select(field: keyof Settings, label: string, options: Record<string, string>) {
    const change = (event: Event) =>
      this.dispatchEvent(
        new CustomEvent('settings-change', { detail: { ...this.settings, [field]: (event.target as HTMLSelectElement).value } }),
      );
    return html`<label
      >${label}<select class="field" name=${field} @change=${change}>
        ${Object.entries(options).map(
          ([value, text]) => html`<option value=${value} .selected=${value === this.settings[field]}>${text}</option>`,
        )}
      </select></label
    >`;
  }
}

define('verselet-about', AboutView);
