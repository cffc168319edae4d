/** What the random walk knows of the page, and what must hold after every step. */

import { expect } from './fixtures.ts';
import { poll, type Stored, type ViewName, type Walker } from './walk-page.ts';

/** What the walk knows of the page; all else it reads. */
export interface Walk {
  lang: 'en' | 'es';
  /** The session's history, and where in it the page is. */
  trail: ViewName[];
  at: number;
  offline: boolean;
  /** The collection as it must be, by id. */
  kept: Map<string, Stored>;
  /** The entry that Undo in the collection brings back. */
  deleted: Stored | undefined;
  /** Models whose files are on the device. */
  models: Set<string>;
  model: string;
  /** The last exported file, and what the collection was then. */
  exported: { json: Buffer; entries: Stored[] } | undefined;
}

export const SHIPPED = '';
export const HUB_MODEL = 'Xenova/distilgpt2';

export function startOfWalk(): Walk {
  return { lang: 'en', trail: ['compose'], at: 0, offline: false, kept: new Map(), deleted: undefined, models: new Set(), model: SHIPPED, exported: undefined };
}

export const viewOf = (walk: Walk): ViewName => walk.trail[walk.at]!;

/** What must hold after every step. */
export async function hold(walk: Walk, walker: Walker): Promise<void> {
  const seen = await walker.rest();
  const words = walker.words(walk.lang);
  const notes = await walker.notes();
  walker.longest = Math.max(walker.longest, notes.longest);
  expect(walker.errors, 'errors').toEqual([]);
  expect(notes.violations, 'reports of the policy').toEqual([]);
  const stops = [walker.words('en').stop, walker.words('es').stop];
  expect(notes.labels.filter((label) => !stops.includes(label)), 'a line came while the button did not say Stop').toEqual([]);
  expect(seen.lang).toBe(walk.lang);
  expect(seen.view).toBe(viewOf(walk));
  expect(seen.button, 'the button at rest').toBe(seen.lines.length ? words.composeAgain : words.compose);
  expect(walker.mostAtOnce, 'downloads of the same weights at once').toBeLessThanOrEqual(1);
  expect(seen.downloads, 'downloads in the Models view').toBeLessThanOrEqual(1);
  await holdCollection(walk, walker);
}

/** The collection is what was saved, in the store, in the list, and in what the page says of its poem. */
async function holdCollection(walk: Walk, walker: Walker): Promise<void> {
  const plain = (entries: Iterable<Stored>) => [...entries].map(({ id, title, lines, favourite }) => ({ id, title, lines, favourite })).sort((a, b) => a.id.localeCompare(b.id));
  expect(plain(await walker.stored()), 'the stored collection').toEqual(plain(walk.kept.values()));
  const words = walker.words(walk.lang);
  if (viewOf(walk) === 'collection') {
    const titles = newestFirst(walk).map(({ title }) => title || words.untitled);
    await poll(async () => (await walker.seen()).list, { message: 'the list of the collection' }).toEqual(titles);
  }
  const truth = async () => {
    const { kept, title, lines } = await walker.seen();
    const there = [...walk.kept.values()].some((entry) => same(entry.lines, lines) && entry.title === (title || lines[0]));
    // A poem that came twice may lie there under another id: only a false promise is a fault.
    return kept === true && !there ? `“${title}” is called kept and is not` : '';
  };
  await poll(truth, { message: 'what the page says about keeping' }).toBe('');
}

export const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((line, index) => line === b[index]);

export const newestFirst = (walk: Walk): Stored[] => [...walk.kept.values()].sort((a, b) => b.keptAt.localeCompare(a.keptAt));

/** Whether the next poem can be written: with a network, or with what lies here. */
export const canWrite = (walk: Walk): boolean => !walk.offline || walk.models.has(walk.model);

/** A link was followed. */
export function went(walk: Walk, view: ViewName): void {
  if (viewOf(walk) === view) return;
  walk.deleted = undefined;
  walk.trail = [...walk.trail.slice(0, walk.at + 1), view];
  walk.at += 1;
}
