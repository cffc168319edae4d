import { LitElement, css, html, nothing } from 'lit';
import { parseRecipe } from '../library/permalink.ts';
import type { PoemRequest } from '../poetry/types.ts';
import { createComposer } from '../worker/client.ts';
import './announcer.ts';
import type { Announcer } from './announcer.ts';
import './compose-view.ts';
import type { ComposeView } from './compose-view.ts';
import { applyTint } from './hues.ts';
import { LocaleController, t } from './i18n.ts';
import { narrate } from './narrate.ts';
import { type ModelChoice, Session } from './session.ts';
import { isBusy } from './session-state.ts';
import { base, tokens } from './styles.ts';

const VIEWS = ['compose', 'collection', 'models', 'about'] as const;
type View = (typeof VIEWS)[number];

function viewOf(hash: string): View {
  return VIEWS.find((view) => view === hash.replace(/^#/, '').split(/[/?=]/)[0]) ?? 'compose';
}

/**
 * The site's page: views by hash, one session, one voice.
 * @fires verselet-progress - LoadProgress
 * @fires verselet-line - LineEvent
 * @fires verselet-poem - Poem
 * @fires verselet-error - code, message, hint
 */
export class AppShell extends LitElement {
  static override properties = { view: { state: true }, request: { state: true }, choice: { state: true } };
  declare view: View;
  declare request: PoemRequest;
  declare choice: ModelChoice;

  readonly #session = new Session(createComposer);
  readonly #cleanup: (() => void)[] = [];

  static override styles = [
    tokens,
    base,
    css`
      :host {
        display: block;
        min-height: 100svh;
        background: var(--paper);
        color: var(--ink);
        font-family: var(--sans);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        justify-content: space-between;
        gap: 0 1.5rem;
        max-width: 84rem;
        margin: 0 auto;
        padding: 0.5rem max(1rem, env(safe-area-inset-right)) 0 max(1rem, env(safe-area-inset-left));
        font-size: 0.875rem;
      }
      .mark {
        padding: 0.5rem 0;
        font-family: var(--serif);
        font-size: 1.1875rem;
        font-style: italic;
        color: var(--ink);
        text-decoration: none;
      }
      nav {
        display: flex;
        gap: 0 1.1rem;
      }
      nav a {
        padding: 0.7rem 0;
        color: var(--quiet);
        text-decoration: none;
      }
      nav a[aria-current] {
        color: var(--ink);
        text-decoration: underline;
        text-decoration-color: var(--accent);
        text-decoration-thickness: 0.1em;
        text-underline-offset: 0.4em;
      }
      nav a:hover {
        color: var(--accent);
      }
      .skip {
        position: absolute;
        z-index: 3;
        inset: 0 auto auto 0;
        padding: 0.75rem 1rem;
        background: var(--paper);
      }
      .skip:not(:focus) {
        clip-path: inset(50%);
        width: 1px;
        height: 1px;
        padding: 0;
        overflow: hidden;
      }
      main {
        display: block;
        outline: none;
      }
      @media (max-width: 30rem) {
        .mark {
          display: none;
        }
        nav {
          width: 100%;
          justify-content: space-between;
        }
      }
      @media print {
        header {
          display: none;
        }
      }
    `,
  ];

  protected readonly locale = new LocaleController(this);

  constructor() {
    super();
    const recipe = parseRecipe(location.search);
    this.view = viewOf(location.hash);
    this.request = recipe.request;
    this.choice = recipe.choice;
    if (recipe.compose) void this.updateComplete.then(() => this.#compose());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const session = this.#session;
    const tell = (type: string) => (detail: unknown) =>
      this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    const route = () => this.#route();
    const keys = (event: KeyboardEvent) => this.#keys(event);
    addEventListener('hashchange', route);
    addEventListener('keydown', keys);
    this.#cleanup.push(
      session.on('change', () => this.requestUpdate()),
      session.on('progress', tell('verselet-progress')),
      session.on('line', tell('verselet-line')),
      session.on('poem', tell('verselet-poem')),
      session.on('error', tell('verselet-error')),
      narrate(session, (sentence) => this.#say(sentence)),
      () => removeEventListener('hashchange', route),
      () => removeEventListener('keydown', keys),
    );
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#cleanup.splice(0)) end();
    this.#session.stop();
  }

  protected override render() {
    const words = t();
    return html`<a class="skip" href="#main" @click=${this.#skip}>${words.skip}</a>
      <header>
        <a class="mark" href="#compose" aria-label="Verselet">Verselet</a>
        <nav aria-label=${words.navigation}>
          ${VIEWS.map(
            (view) => html`<a href="#${view}" aria-current=${view === this.view ? 'page' : nothing}>${words.views[view]}</a>`,
          )}
        </nav>
      </header>
      <main id="main" tabindex="-1" @notice=${(event: CustomEvent<string>) => this.#say(event.detail)}>${this.#body()}</main>
      <verselet-announcer></verselet-announcer>`;
  }

  protected override updated(): void {
    const { page } = this.#session.state;
    const emotion = this.view === 'compose' && isBusy(this.#session.state) ? page?.request.emotion : this.request.emotion;
    applyTint(document.documentElement, emotion ?? 'neutral');
    document.documentElement.lang = t().lang;
  }

  #body() {
    return html`<verselet-compose-view
      ?hidden=${this.view !== 'compose'}
      .state=${this.#session.state}
      .request=${this.request}
      .choice=${this.choice}
      @request-change=${(event: CustomEvent<PoemRequest>) => (this.request = event.detail)}
      @choice-change=${(event: CustomEvent<ModelChoice>) => (this.choice = event.detail)}
      @compose-request=${this.#compose}
      @stop-request=${() => this.#session.stop()}
    ></verselet-compose-view>`;
  }

  #compose(): void {
    if (isBusy(this.#session.state)) return;
    scrollTo({ top: 0 });
    void this.#session.compose(this.request, this.choice);
  }

  #route(): void {
    this.view = viewOf(location.hash);
    this.renderRoot.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  #keys(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented || !isBusy(this.#session.state)) return;
    this.#session.stop();
    this.renderRoot.querySelector<ComposeView>('verselet-compose-view')?.focusWrite();
  }

  #skip(event: Event): void {
    event.preventDefault();
    this.renderRoot.querySelector<HTMLElement>('main')?.focus();
  }

  #say(sentence: string): void {
    this.renderRoot.querySelector<Announcer>('verselet-announcer')?.say(sentence);
  }
}
