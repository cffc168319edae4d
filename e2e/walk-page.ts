/** The page as the random walk sees and moves it: real clicks and keys, and what the browser itself has stored. */

import type { BrowserContext, Page, Request } from 'playwright/test';
import { spanish } from '../src/ui/strings.es.ts';
import { english } from '../src/ui/strings.ts';
import { expect } from './fixtures.ts';
import type { HubServer } from './hub-server.ts';

export type Words = typeof english;
export type ViewName = 'compose' | 'collection' | 'models' | 'about';

/** What a reader sees, read at one moment. */
export interface Seen {
  lang: string;
  /** The view that is shown, by its element; the one to write on has none of its own. */
  view: ViewName;
  /** Label of the button that writes and stops. */
  button: string;
  busy: boolean;
  title: string;
  lines: string[];
  locked: boolean[];
  /** The page says that the poem is in the collection as it stands; undefined without a poem. */
  kept: boolean | undefined;
  alert: string;
  /** Titles in the collection's order, where it is shown and read. */
  list: string[] | undefined;
  /** Progress bars of downloads in the Models view. */
  downloads: number;
}

/** One record of the collection, as IndexedDB has it. */
export interface Stored {
  id: string;
  title: string;
  lines: string[];
  favourite: boolean;
  keptAt: string;
}

/** What the page noted about itself since it was opened. */
interface Notes {
  violations: string[];
  /** Longest task, ms. */
  longest: number;
  poems: number;
  failures: number;
  /** Label of the button when a line came. */
  labels: string[];
}

/** As `expect.poll`, but looking often: a walk of hundreds of steps waits at each. */
export const poll = <T>(read: () => Promise<T>, options: { message?: string; timeout?: number } = {}) => expect.poll(read, { intervals: [20, 40, 80, 160], ...options });

/** Weights of the test hub on their way. */
const WEIGHTS = /\/blobs\/.*\.safetensors/;

export class Walker {
  readonly hub: HubServer;
  readonly site: string;
  readonly context: BrowserContext;
  /** What must not be: errors of the console, uncaught ones, rejections that nobody took. */
  readonly errors: string[] = [];
  page!: Page;
  /** Longest task of any page, ms. */
  longest = 0;
  readonly #travelling = new Map<string, number>();
  #mostAtOnce = 0;

  constructor(context: BrowserContext, site: string, hub: HubServer) {
    this.context = context;
    this.site = site;
    this.hub = hub;
    const moves = (by: 1 | -1) => (request: Request) => {
      if (!WEIGHTS.test(request.url())) return;
      const now = (this.#travelling.get(request.url()) ?? 0) + by;
      this.#travelling.set(request.url(), now);
      this.#mostAtOnce = Math.max(this.#mostAtOnce, now);
    };
    context.on('request', moves(1));
    context.on('requestfinished', moves(-1));
    context.on('requestfailed', moves(-1));
  }

  async open(): Promise<this> {
    this.page = await this.newTab();
    return this;
  }

  /** Another tab of the same browser, watched as the first one. */
  async newTab(): Promise<Page> {
    const page = await this.context.newPage();
    page.on('console', (message) => {
      // What the browser itself says about a network that a test has cut is no fault of the page.
      if (message.type() === 'error' && !message.text().includes('net::ERR_')) this.errors.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.errors.push(`uncaught: ${error.stack ?? error.message}`));
    await page.addInitScript(takeNotes);
    await page.goto(`${this.site}?hub=${encodeURIComponent(this.hub.url)}`);
    await page.locator('verselet-compose-form .write').waitFor({ state: 'attached' });
    return page;
  }

  words(lang: string): Words {
    return lang === 'es' ? spanish : english;
  }

  seen(page = this.page): Promise<Seen> {
    return page.evaluate(look);
  }

  notes(page = this.page): Promise<Notes> {
    return page.evaluate(() => (globalThis as unknown as { notes: Notes }).notes);
  }

  stored(page = this.page): Promise<Stored[]> {
    return page.evaluate(readStored);
  }

  /** Waits until nothing is written or loaded. */
  async rest(page = this.page): Promise<Seen> {
    await poll(async () => (await this.seen(page)).busy, { timeout: 90_000, message: 'the page is stuck in its work' }).toBe(false);
    return this.seen(page);
  }

  /** Clicks what a sentence of the page's language names. */
  async press(name: string, page = this.page): Promise<void> {
    await page.getByRole('button', { name, exact: true }).click();
  }

  async show(view: ViewName, words: Words, page = this.page): Promise<void> {
    await page.getByRole('navigation').getByRole('link', { name: words.views[view], exact: true }).click();
    await poll(async () => (await this.seen(page)).view).toBe(view);
    if (view === 'collection') await poll(async () => (await this.seen(page)).list).toBeDefined();
  }

  /** Presses the button that writes; what happens must be what it said. */
  async write(words: Words): Promise<void> {
    const before = { ...(await this.notes()), ...(await this.seen()) };
    expect([words.compose, words.composeAgain], 'at rest the button composes').toContain(before.button);
    await this.page.locator('verselet-compose-form .write').click();
    const begun = async () => {
      const { poems, failures } = await this.notes();
      const { busy, alert } = await this.seen();
      return busy || alert !== '' || poems + failures > before.poems + before.failures;
    };
    await poll(begun, { message: `“${before.button}” began nothing` }).toBe(true);
  }

  /** The most answers that carried the same weights at the same time. */
  get mostAtOnce(): number {
    return this.#mostAtOnce;
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

/** Runs in the page, before its scripts. */
function takeNotes(): void {
  const notes: Notes = { violations: [], longest: 0, poems: 0, failures: 0, labels: [] };
  Object.assign(globalThis, { notes });
  const label = () =>
    document.querySelector('verselet-app')?.shadowRoot?.querySelector('verselet-compose-view')?.shadowRoot?.querySelector('verselet-compose-form')?.shadowRoot?.querySelector('.write .shown')?.textContent ?? '';
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => notes.violations.push(`${violatedDirective} ${blockedURI}`));
  document.addEventListener('verselet-poem', () => (notes.poems += 1));
  document.addEventListener('verselet-error', () => (notes.failures += 1));
  document.addEventListener('verselet-line', () => notes.labels.push(label()));
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) notes.longest = Math.max(notes.longest, duration);
  }).observe({ type: 'longtask' });
}

/** Runs in the page. */
function look(): Seen {
  const app = document.querySelector('verselet-app')!.shadowRoot!;
  const compose = app.querySelector('verselet-compose-view')!;
  const inside = compose.shadowRoot!;
  const editor = inside.querySelector('verselet-poem-editor')?.shadowRoot;
  const form = inside.querySelector('verselet-compose-form')?.shadowRoot;
  const keep = inside.querySelector('verselet-poem-actions')?.shadowRoot?.querySelector('button');
  const collection = app.querySelector('verselet-collection');
  const models = app.querySelector('verselet-models');
  const other = collection ? 'collection' : models ? 'models' : 'about';
  const texts = (root: ShadowRoot | null | undefined, selector: string) => [...(root?.querySelectorAll(selector) ?? [])].map((element) => element.textContent?.trim() ?? '');
  const read = (collection as unknown as { poems?: unknown[] } | null)?.poems !== undefined;
  return {
    lang: document.documentElement.lang,
    view: compose.hasAttribute('hidden') ? other : 'compose',
    button: texts(form, '.write .shown')[0] ?? '',
    busy: editor?.querySelector('article')?.getAttribute('aria-busy') === 'true',
    title: texts(editor, '[part="title"]')[0] ?? '',
    lines: texts(editor, '[part="line"]'),
    locked: [...(editor?.querySelectorAll('.row') ?? [])].map((row) => row.classList.contains('locked')),
    kept: keep ? keep.disabled : undefined,
    alert: texts(inside, '[role="alert"]').join(' '),
    list: read ? texts(collection!.shadowRoot, 'li .title') : undefined,
    downloads: models?.shadowRoot?.querySelectorAll('verselet-progress').length ?? 0,
  };
}

/** Runs in the page; a database that is not there is not made. */
function readStored(): Promise<Stored[]> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('verselet-poems');
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onerror = () => resolve([]);
    request.onsuccess = () => {
      const store = request.result.transaction('keyval').objectStore('keyval');
      const records = store.getAll(IDBKeyRange.bound(['poem'], ['poem', []]));
      records.onerror = () => reject(new Error('The collection cannot be read.'));
      records.onsuccess = () => {
        request.result.close();
        const entries = records.result as { poem: { id: string; title: string; stanzas: string[][] }; favourite: boolean; keptAt: string }[];
        resolve(entries.map(({ poem, favourite, keptAt }) => ({ id: poem.id, title: poem.title, lines: poem.stanzas.flat(), favourite, keptAt })));
      };
    };
  });
}
