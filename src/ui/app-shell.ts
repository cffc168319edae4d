import { LitElement, html, nothing } from 'lit';
import { asVerseletError } from '../errors.ts';
import { parseRecipe } from '../library/permalink.ts';
import type { KeptPoem } from '../library/poems.ts';
import { type Settings, loadSettings, saveSettings } from '../library/settings.ts';
import type { PoemRequest } from '../poetry/types.ts';
import { isMetered } from '../platform/connection.ts';
import { createComposer, inspectModel, listModels } from '../worker/client.ts';
import './announcer.ts';
import type { Announcer } from './announcer.ts';
import { shellStyles } from './app-shell.styles.ts';
import './compose-view.ts';
import type { ComposeView } from './compose-view.ts';
import { keepDrafts } from './draft-keeper.ts';
import { applyTint } from './hues.ts';
import { LocaleController, matchLanguage, setLanguage, t } from './i18n.ts';
import { watchKept } from './kept-watch.ts';
import { ModelDesk } from './model-desk.ts';
import { narrate } from './narrate.ts';
import { keepPage, pageFromFragment, pageOfKept, restorePage } from './page-store.ts';
import { type ModelChoice, Session } from './session.ts';
import { type SessionEvent, isBusy, keptLines } from './session-state.ts';
import { base, tokens } from './styles.ts';
import './update-notice.ts';
import { type View, loadView, viewOf, VIEWS } from './views.ts';

/**
 * The site's page: views by hash, one session, one voice.
 * @fires verselet-progress - LoadProgress
 * @fires verselet-line - LineEvent
 * @fires verselet-poem - Poem
 * @fires verselet-error - code, message, hint
 */
export class AppShell extends LitElement {
  static override properties = {
    view: { state: true },
    request: { state: true },
    choice: { state: true },
    settings: { state: true },
    missing: { state: true },
  };
  declare view: View;
  declare request: PoemRequest;
  declare choice: ModelChoice;
  declare settings: Settings;
  /** The view's part of the page could not be fetched. */
  declare missing: boolean;

  readonly #session = new Session(
    createComposer,
    new ModelDesk({ catalog: async () => (await listModels()).catalog, inspect: inspectModel, isMetered }),
  );
  readonly #cleanup: (() => void)[] = [];
  protected readonly locale = new LocaleController(this);

  static override styles = [tokens, base, shellStyles];

  constructor() {
    super();
    const recipe = parseRecipe(location.search);
    this.view = viewOf(location.hash);
    this.request = recipe.request;
    this.choice = recipe.choice;
    this.settings = loadSettings();
    this.missing = false;
    const received = pageFromFragment(location.hash, recipe.request);
    if (received) {
      this.#session.dispatch({ type: 'show', page: received });
      this.request = received.request;
    }
    if (recipe.compose) void this.updateComplete.then(() => this.#compose());
    else if (!received) void this.#restore();
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
      keepDrafts(session),
      watchKept(session),
      () => removeEventListener('hashchange', route),
      () => removeEventListener('keydown', keys),
    );
    void this.#load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#cleanup.splice(0)) end();
    this.#session.stop();
  }

  protected override render() {
    const words = t();
    return html`<header>
        <a class="skip" href="#main" @click=${this.#skip}>${words.skip}</a>
        <a class="mark" href="#compose">Verselet</a>
        <nav aria-label=${words.navigation}>
          ${VIEWS.map(
            (view) => html`<a href="#${view}" aria-current=${view === this.view ? 'page' : nothing}>${words.views[view]}</a>`,
          )}
        </nav>
      </header>
      <main id="main" tabindex="-1" @notice=${this.#notice} @keep=${this.#keep}>
        <verselet-compose-view
          ?hidden=${this.view !== 'compose'}
          .state=${this.#session.state}
          .request=${this.request}
          .choice=${this.choice}
          .find=${this.#find}
          @request-change=${(event: CustomEvent<PoemRequest>) => (this.request = event.detail)}
          @choice-change=${(event: CustomEvent<ModelChoice>) => (this.choice = event.detail)}
          @compose-request=${this.#compose}
          @stop-request=${() => this.#session.stop()}
          @download-answer=${(event: CustomEvent<boolean>) => this.#session.answer(event.detail)}
          @session-event=${(event: CustomEvent<SessionEvent>) => this.#session.dispatch(event.detail)}
        ></verselet-compose-view>
        ${this.#otherView()}
      </main>
      <verselet-update .busy=${isBusy(this.#session.state)} @notice=${this.#notice}></verselet-update>
      <verselet-announcer></verselet-announcer>`;
  }

  protected override updated(): void {
    const { page } = this.#session.state;
    const emotion = isBusy(this.#session.state) ? page?.request.emotion : this.request.emotion;
    applyTint(document.documentElement, emotion ?? 'neutral');
    document.documentElement.lang = t().lang;
    const { appearance } = this.settings;
    document.documentElement.style.colorScheme = appearance === 'auto' ? '' : appearance;
  }

  async #load(): Promise<void> {
    const { view } = this;
    const missing = await loadView(view).then(() => false, () => true);
    if (view === this.view) this.missing = missing;
  }

  #otherView() {
    if (this.missing) return html`<p class="missing" role="alert">${t().viewMissing}</p>`;
    switch (this.view) {
      case 'compose':
        return nothing;
      case 'collection':
        return html`<verselet-collection @open-poem=${this.#open}></verselet-collection>`;
      case 'models':
        return html`<verselet-models
          .choice=${this.choice}
          .fetchModel=${this.#session.fetchModel}
          @choose-model=${(event: CustomEvent<string | undefined>) => this.#chooseModel(event.detail)}
        ></verselet-models>`;
      case 'about':
        return html`<verselet-about .settings=${this.settings} @settings-change=${this.#setSettings}></verselet-about>`;
    }
  }

  #compose(): void {
    const { state } = this.#session;
    if (isBusy(state)) return;
    scrollTo({ top: 0 });
    // Locked lines stay only where they were: in a poem of the same form.
    const { page } = state;
    const sameForm = page && (page.request.form ?? 'free') === (this.request.form ?? 'free');
    const keep = sameForm ? keptLines(page) : undefined;
    void this.#session.compose({ ...this.request, ...(keep ? { keep } : {}) }, this.choice);
  }

  readonly #find = (index: number): Promise<string[]> => this.#session.alternatives(index, this.choice);

  async #keep(): Promise<void> {
    const { page } = this.#session.state;
    if (!page) return;
    try {
      const { poem } = await keepPage(page);
      // The page may have changed while it was being kept.
      if (this.#session.state.page === page) this.#session.dispatch({ type: 'saved', id: poem.id });
      this.#say(t().kept);
    } catch (cause) {
      this.#session.dispatch({ type: 'failed', error: asVerseletError(cause, 'storage-blocked').toData() });
    }
  }

  #open(event: CustomEvent<KeptPoem>): void {
    this.#session.dispatch({ type: 'show', page: pageOfKept(event.detail) });
    const { seed: _seed, keep: _keep, ...request } = event.detail.poem.request;
    this.request = { ...request, emotion: event.detail.poem.emotion };
    location.hash = '#compose';
  }

  async #restore(): Promise<void> {
    const page = await restorePage();
    // Whoever has begun something in the meantime keeps it.
    if (!page || this.#session.state.phase !== 'idle' || this.#session.state.page) return;
    this.#session.dispatch({ type: 'show', page });
  }

  #chooseModel(model: string | undefined): void {
    const { model: _before, ...rest } = this.choice;
    this.choice = model === undefined ? rest : { ...rest, model };
  }

  #setSettings(event: CustomEvent<Settings>): void {
    this.settings = event.detail;
    saveSettings(this.settings);
    const { language } = this.settings;
    void setLanguage(language === 'auto' ? matchLanguage(navigator.languages) : language);
  }

  #route(): void {
    const received = pageFromFragment(location.hash, this.request);
    if (received) this.#session.dispatch({ type: 'show', page: received });
    this.view = viewOf(location.hash);
    void this.#load();
    this.renderRoot.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  #keys(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    if (event.key === 'Escape' && isBusy(this.#session.state)) {
      this.#session.stop();
      this.renderRoot.querySelector<ComposeView>('verselet-compose-view')?.focusWrite();
      return;
    }
    const undoes = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'z';
    const typing = event.composedPath()[0] instanceof HTMLInputElement && (event.composedPath()[0] as HTMLInputElement).type !== 'radio';
    if (!undoes || typing || this.view !== 'compose') return;
    event.preventDefault();
    this.#session.dispatch({ type: event.shiftKey ? 'redo' : 'undo' });
  }

  #skip(event: Event): void {
    event.preventDefault();
    this.renderRoot.querySelector<HTMLElement>('main')?.focus();
  }

  #notice(event: CustomEvent<string>): void {
    this.#say(event.detail);
  }

  #say(sentence: string): void {
    this.renderRoot.querySelector<Announcer>('verselet-announcer')?.say(sentence);
  }
}
