import { toMarkdown } from '../poetry/poem.ts';
import { parsePoem } from '../poetry/saved-poem.ts';
import type { Poem } from '../poetry/types.ts';
import type { KeptPoem } from './poems.ts';

const FORMAT = 'verselet-poems';
const VERSION = 1;
/** Parsing twice as much would hold the page up for longer than a reader forgives. */
const MAX_CHARACTERS = 20e6;
const MAX_ENTRIES = 5_000;
/** Entries between two breaths of the page. */
const SLICE = 200;

/** What came of reading a file. */
export interface ImportResult {
  poems: KeptPoem[];
  /** Entries that are no poem. */
  bad: number;
  /** Whole file unreadable: why. */
  unreadable?: 'size' | 'json' | 'format' | 'newer';
}

/** All poems as one JSON file that {@link importPoems} reads back. */
export function exportJson(poems: readonly KeptPoem[]): string {
  return JSON.stringify({ format: FORMAT, version: VERSION, poems }, null, 2);
}

/** One poem: heading, stanzas with hard line breaks. */
export function poemMarkdown(poem: Pick<Poem, 'title' | 'stanzas'>): string {
  return toMarkdown(poem).trimEnd();
}

/** All poems as one Markdown file. */
export function exportMarkdown(poems: readonly KeptPoem[]): string {
  const parts = poems.map(({ poem, keptAt }) => `${poemMarkdown(poem)}\n\n*${poem.emotion}, ${poem.form}, ${keptAt.slice(0, 10)}*`);
  return `${parts.join('\n\n---\n\n')}\n`;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function readEntry(value: unknown, now: string): KeptPoem | undefined {
  const entry = record(value);
  if (!entry) return undefined;
  try {
    const poem = parsePoem(entry.poem ?? entry);
    const keptAt = typeof entry.keptAt === 'string' && !Number.isNaN(Date.parse(entry.keptAt)) ? entry.keptAt : now;
    return { poem, favourite: entry.favourite === true, keptAt };
  } catch {
    return undefined;
  }
}

/** The entries of a file, or why it has none. */
function entriesOf(json: string): unknown[] | NonNullable<ImportResult['unreadable']> {
  if (json.length > MAX_CHARACTERS) return 'size';
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return 'json';
  }
  const file = record(parsed);
  if (file?.format === FORMAT && typeof file.version === 'number' && file.version > VERSION) return 'newer';
  const list = Array.isArray(parsed) ? parsed : Array.isArray(file?.poems) ? file.poems : file?.stanzas ? [file] : undefined;
  if (!list) return 'format';
  return list.length > MAX_ENTRIES ? 'size' : list;
}

/**
 * Reads a file made by {@link exportJson}, a bare list of poems, or a single poem: at most 20 million characters and 5,000
 * poems. Hostile input: every poem is parsed, in slices that leave the page time to answer.
 * @param now ISO 8601; the time for entries that carry none.
 */
export async function importPoems(json: string, now: string): Promise<ImportResult> {
  const list = entriesOf(json);
  if (typeof list === 'string') return { poems: [], bad: 0, unreadable: list };
  const poems: KeptPoem[] = [];
  for (const [index, value] of list.entries()) {
    if (index > 0 && index % SLICE === 0) await new Promise((resolve) => setTimeout(resolve));
    const entry = readEntry(value, now);
    if (entry) poems.push(entry);
  }
  return { poems, bad: list.length - poems.length };
}

/** Of `incoming`, what `kept` does not have: neither by id nor by title and text. */
export function newPoems(incoming: readonly KeptPoem[], kept: readonly KeptPoem[]): KeptPoem[] {
  const same = ({ poem }: KeptPoem) => `${poem.title}\n${poem.text}`;
  const ids = new Set(kept.map(({ poem }) => poem.id));
  const texts = new Set(kept.map(same));
  return incoming.filter((entry) => {
    if (ids.has(entry.poem.id) || texts.has(same(entry))) return false;
    ids.add(entry.poem.id);
    texts.add(same(entry));
    return true;
  });
}
