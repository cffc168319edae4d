import { recipeQuery } from '../library/permalink.ts';
import { encodePoem } from '../library/poem-link.ts';
import { textOf } from '../poetry/poem.ts';
import type { Poem } from '../poetry/types.ts';
import { type Page, stanzasOf } from './session-state.ts';

/** Title, blank line, stanzas. */
export function plainText(page: Page): string {
  const poem = textOf(stanzasOf(page));
  return page.title ? `${page.title}\n\n${poem}` : poem;
}

/** Where this page lies, without query and fragment. */
function home(): string {
  return `${location.origin}${location.pathname}`;
}

/** An address that shows the poem at once, and from whose query it can be written again. */
export function linkOf(page: Page): string {
  const { poem, request } = page;
  const query = recipeQuery(poem ? { ...request, seed: poem.seed } : request, poem ? { model: modelOf(poem) } : {});
  const emotion = request.emotion ?? 'neutral';
  const form = request.form ?? 'free';
  return `${home()}?${query}#poem=${encodePoem({ title: page.title, stanzas: stanzasOf(page), emotion, form })}`;
}

/** What opens the model that wrote a poem: only the hub keeps revisions. */
function modelOf({ model: { id, revision } }: Poem): string {
  return /^(?:embedded|folder)-/.test(revision) ? id : `${id}@${revision}`;
}

function attribute(name: string, value: string | number | undefined): string {
  if (value === undefined || value === '') return '';
  const safe = String(value).replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
  return ` ${name}="${safe}"`;
}

/** Two lines of HTML that put the same wish onto another page. */
export function embedSnippet(page: Page): string {
  const { emotion, form, theme, title, firstLine, lines } = page.request;
  const script = new URL('embed/verselet.js', new URL('.', home())).href;
  const { poem } = page;
  const seed = poem?.seed ?? page.request.seed;
  const attributes = [
    attribute('emotion', emotion),
    attribute('form', form),
    attribute('theme', theme),
    attribute('title-text', title),
    attribute('first-line', firstLine),
    attribute('lines', lines),
    attribute('seed', seed),
    attribute('model', poem && modelOf(poem)),
  ].join('');
  return `<script type="module" src="${script}"></script>\n<verselet-poem${attributes}></verselet-poem>`;
}
