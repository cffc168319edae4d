import { loadDraft, saveDraft } from '../library/drafts.ts';
import { type KeptPoem, findPoem, keepPoem } from '../library/poems.ts';
import { decodePoem } from '../library/poem-link.ts';
import type { Poem, PoemRequest } from '../poetry/types.ts';
import { parsePoem } from '../poetry/saved-poem.ts';
import { type Page, type PageLine, pageOf, poemOf, stanzasOf } from './session-state.ts';

/** The page of an address that carries a poem; undefined for any other fragment. */
export function pageFromFragment(hash: string, request: PoemRequest): Page | undefined {
  const code = /^#poem=([\w-]+)$/.exec(hash)?.[1];
  const linked = code === undefined ? undefined : decodePoem(code);
  if (!linked) return undefined;
  const lines = linked.stanzas.flatMap((stanza, s) => stanza.map((text) => ({ text, stanza: s, locked: false, edited: false })));
  return { title: linked.title, lines, request: { ...request, emotion: linked.emotion, form: linked.form }, received: true };
}

/** Keeps the page for the next visit. */
export function savePage(page: Page | undefined): Promise<boolean> {
  return saveDraft(page ?? null);
}

function isLine(value: unknown): value is PageLine {
  const line = value as Partial<PageLine> | null;
  return (
    typeof line === 'object' &&
    line !== null &&
    typeof line.text === 'string' &&
    Number.isInteger(line.stanza) &&
    typeof line.locked === 'boolean' &&
    typeof line.edited === 'boolean'
  );
}

/** The page of the last visit; undefined when there is none, or another version wrote something this one cannot read. */
export async function restorePage(): Promise<Page | undefined> {
  const draft = (await loadDraft()) as Partial<Page> | null | undefined;
  if (!draft || !Array.isArray(draft.lines) || !draft.lines.every(isLine) || typeof draft.title !== 'string') return undefined;
  let poem: Poem | undefined;
  try {
    poem = draft.poem && parsePoem(draft.poem);
  } catch {
    // The lines are still worth showing.
  }
  const { title, lines, savedAs, received } = draft;
  return { title, lines, request: poem?.request ?? {}, poem, savedAs, received };
}

/** A poem from a page without one: it was received, or writing was stopped. Its checks say that nothing was checked. */
function asPoem(page: Page): Poem {
  const stanzas = stanzasOf(page);
  const perLine = page.lines.map(() => 0);
  return {
    id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
    title: page.title || (page.lines[0]?.text ?? ''),
    stanzas,
    text: stanzas.map((stanza) => stanza.join('\n')).join('\n\n'),
    emotion: page.request.emotion ?? 'neutral',
    form: page.request.form ?? 'free',
    seed: page.request.seed ?? 0,
    request: page.request,
    model: { id: 'unknown', revision: 'unknown', dtype: 'unknown' },
    device: 'wasm',
    checks: {
      rhyme: { scheme: '-'.repeat(page.lines.length), wanted: 0, kept: 0 },
      syllables: { wanted: 0, kept: 0, perLine },
      nllPerToken: 0,
      copiedWords: 0,
    },
    timings: { loadMs: 0, firstLineMs: 0, totalMs: 0, tokens: 0, tokensPerSecond: 0 },
    createdAt: new Date().toISOString(),
  };
}

/** Whether the entry holds the page as it stands. */
export function isKeptAs(page: Page, { poem }: KeptPoem): boolean {
  const { title, stanzas } = poemOf(page) ?? asPoem(page);
  return title === poem.title && JSON.stringify(stanzas) === JSON.stringify(poem.stanzas);
}

/**
 * Puts the page into the collection, as it stands; what was kept of the same poem before gives way, and its favour stays.
 * @returns the entry. @throws VerseletError `quota` or `storage-blocked`.
 */
export async function keepPage(page: Page): Promise<KeptPoem> {
  const poem = poemOf(page) ?? asPoem(page);
  const before = await findPoem(poem.id);
  const entry = { poem, favourite: before?.favourite ?? false, keptAt: new Date().toISOString() };
  await keepPoem(entry);
  return entry;
}

/** The page that shows a kept poem. */
export function pageOfKept({ poem }: KeptPoem): Page {
  return { ...pageOf(poem), savedAs: poem.id };
}
