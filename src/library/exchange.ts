import { parsePoem } from '../poetry/saved-poem.ts';
import type { KeptPoem } from './poems.ts';

const FORMAT = 'verselet-poems';
const VERSION = 1;
const MAX_BYTES = 50e6;

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

/** Marks that Markdown would read as its own. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>#]/g, '\\$&').replace(/^(\s*\d*)([-+.)])(?=\s)/, '$1\\$2');
}

/** One poem: heading, stanzas with hard line breaks. */
export function poemMarkdown(poem: { title: string; stanzas: readonly (readonly string[])[] }): string {
  const stanzas = poem.stanzas.map((stanza) => stanza.map(escapeMarkdown).join('  \n'));
  return [`## ${escapeMarkdown(poem.title)}`, ...stanzas].join('\n\n');
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

/**
 * Reads a file made by {@link exportJson}, a bare list of poems, or a single poem. Hostile input: every poem is parsed.
 * @param now ISO 8601; the time for entries that carry none.
 */
export function importPoems(json: string, now: string): ImportResult {
  if (json.length > MAX_BYTES) return { poems: [], bad: 0, unreadable: 'size' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { poems: [], bad: 0, unreadable: 'json' };
  }
  const file = record(parsed);
  if (file?.format === FORMAT && typeof file.version === 'number' && file.version > VERSION) {
    return { poems: [], bad: 0, unreadable: 'newer' };
  }
  const list = Array.isArray(parsed) ? parsed : Array.isArray(file?.poems) ? file.poems : file?.stanzas ? [file] : undefined;
  if (!list) return { poems: [], bad: 0, unreadable: 'format' };
  const poems = list.map((entry) => readEntry(entry, now)).filter((entry) => entry !== undefined);
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
