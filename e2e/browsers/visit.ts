/** What a reader does on the page, in browsers that Playwright does not drive. */

import type { Poem } from '../../src/index.ts';
import { expect } from '../fixtures.ts';

/** One open page; what drives it is another matter. */
export interface Visit {
  goto(url: string): Promise<void>;
  /** Runs `work`, which sees nothing but its arguments, inside the page; arguments and result travel as JSON. */
  call<A extends unknown[], R>(work: (...args: A) => R, ...args: A): Promise<Awaited<R>>;
  /** Writes a PNG of what is in view. */
  screenshot(path: string): Promise<void>;
  /** What the page has reported so far as an error: exceptions, and lines in the console. */
  errors(): string[];
  close(): Promise<void>;
}

type Tag = 'a' | 'button' | 'label';

declare function seek<T extends Tag>(tag: T, text: string): HTMLElementTagNameMap[T] | undefined;

/** Opens an address, and gives the page `seek`: the first element of a tag whose text begins so, shadow roots included. */
async function open(visit: Visit, url: string): Promise<void> {
  await visit.goto(url);
  await visit.call(() => {
    const all = (root: Document | ShadowRoot): Element[] =>
      [...root.querySelectorAll('*')].flatMap((element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])]);
    const seek = (tag: string, text: string) => all(document).find((element) => element.matches(tag) && element.textContent?.trim().startsWith(text));
    Object.assign(globalThis, { seek });
  });
}

const shown = (visit: Visit, tag: Tag, text: string): Promise<void> =>
  expect.poll(() => visit.call((tag, text) => seek(tag, text) !== undefined, tag, text), { message: `${tag} “${text}”` }).toBe(true);

async function click(visit: Visit, tag: 'a' | 'button', text: string): Promise<void> {
  await shown(visit, tag, text);
  await visit.call((tag, text) => seek(tag, text)!.click(), tag, text);
}

async function fill(visit: Visit, label: string, value: string): Promise<void> {
  await shown(visit, 'label', label);
  const put = (label: string, value: string) => {
    const field = seek('label', label)!.control as HTMLInputElement;
    field.value = value;
    field.dispatchEvent(new Event('change'));
  };
  await visit.call(put, label, value);
}

/** Has the page that is open write its poem. */
async function compose(visit: Visit): Promise<Poem> {
  await shown(visit, 'button', 'Compose');
  return visit.call(
    () =>
      new Promise<Poem>((resolve, reject) => {
        document.addEventListener('verselet-poem', (event) => resolve(event.detail), { once: true });
        document.addEventListener('verselet-error', (event) => reject(new Error(event.detail.message)), { once: true });
        seek('button', 'Compose')!.click();
      }),
  );
}

export interface Wish {
  /** The page's address, with what it is to write. */
  url: string;
  /** Drafts of each line: fewer where the device is slow. */
  drafts?: number;
  /** Where the picture of the poem goes. */
  picture: string;
}

/** Has a poem written, keeps it, and finds it in the collection when the page is opened anew. */
export async function composeAndKeep(visit: Visit, { url, drafts, picture }: Wish): Promise<Poem> {
  await open(visit, url);
  if (drafts !== undefined) await fill(visit, 'Drafts of each line', String(drafts));
  const poem = await compose(visit);
  await click(visit, 'button', 'Keep');
  await shown(visit, 'button', 'Kept in the collection');
  await visit.screenshot(picture);
  await open(visit, url);
  await click(visit, 'a', 'Collection');
  await shown(visit, 'button', poem.title);
  return poem;
}

export interface SelfTest {
  device: string;
  said: number[];
  /** What the model's card says that it must say. */
  expected: number[];
}

/** The greedy continuation of the card's prompt by verse-nano on one device. */
export async function selfTest(visit: Visit, site: string, device: 'wasm' | 'webgpu'): Promise<SelfTest> {
  await visit.goto(site);
  return visit.call(
    async (site, device) => {
      const card = (await (await fetch(`${site}models/verse-nano/verselet.json`)).json()) as { selfTest: { prompt: number[]; tokens: number[] } };
      const { engine } = (await import(`${site}embed/verselet.js`)) as typeof import('../../src/embed.ts');
      const model = await engine.open({ device, model: 'verse-nano' });
      const { prompt, tokens } = card.selfTest;
      const said = await model.greedy(prompt, tokens.length);
      await model.dispose();
      return { device: model.device.kind, said, expected: tokens };
    },
    site,
    device,
  );
}
