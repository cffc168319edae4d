/** Titles: the check for a model's own, and a model-free one from the poem's words. */

import { straighten, wordsOf } from './words.ts';

const MOST_WORDS = 8;
const LONGEST = 60;

/** Words that stay small inside a title. */
const SMALL = new Set(
  "a an the and but or nor of in on at by for from to with into upon o'er as than if so".split(' '),
);

/** Words that tell nothing of what a poem is about. */
const STOP_WORDS = new Set(
  (
    'a an the this that these those some any all each every both such no not nor and but or so yet if as than then there here ' +
    'now ever never still only too very more most much many i me my mine we us our ours you your yours ye thou thee thy ' +
    'thine he him his she her hers it its they them their theirs who whom whose which what when where why how while till ' +
    'until is am are was were be been being art wast do does did doth dost done have has had hath having shall will would ' +
    'should can could may might must let of in on at by for from to with into unto upon over under out off up down through ' +
    "about before after again away o'er ne'er e'er tis twas like one once oh o ah lo say said says come came comes go " +
    "goes went gone make made makes see seen saw know knew known i'm i'll i've i'd it's he's she's that's don't can't own"
  ).split(' '),
);

const letters = (text: string): string => straighten(text).toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

function capital(word: string): string {
  return word.replace(/\p{L}/u, (letter) => (letter.toUpperCase().length === letter.length ? letter.toUpperCase() : letter));
}

/** A text in title case: small words stay small inside, and nothing after an apostrophe is raised (`Nature's`). */
export function titleCase(text: string): string {
  const words = text.trim().split(/\s+/).filter(Boolean);
  return words
    .map((word, at) => {
      const inner = at > 0 && at < words.length - 1;
      const lower = /\p{Ll}/u.test(word) || word.length === 1 ? word : word.toLowerCase();
      if (inner && SMALL.has(lower.toLowerCase())) return lower.toLowerCase();
      return lower
        .split(/(?<=[-—])/)
        .map(capital)
        .join('');
    })
    .join(' ');
}

/**
 * A title that a model wrote, made fit to be shown, or undefined where it is not fit: 1–8 words, no odd marks, no
 * special token, not the poem's first line, no word doubled.
 * @param lines the poem's lines.
 */
export function acceptTitle(title: string, lines: readonly string[]): string | undefined {
  const text = straighten(title)
    .replace(/[“”]/g, '"')
    .replace(/\s+/g, ' ')
    .replace(/^[\s"'.,;:—-]+(?=\p{L})|[\s".,;:—-]+$/gu, '')
    .trim();
  const words = wordsOf(text).map((word) => word.toLowerCase());
  if (words.length === 0 || words.length > MOST_WORDS || text.length > LONGEST) return undefined;
  if (!/^[\p{L}\p{M}\p{N}' ,!?&-]+$/u.test(text) || /[,!?&-]{2}|\d{3}/.test(text)) return undefined;
  if (words.some((word, at) => word === words[at + 1])) return undefined;
  if (lines.length > 0 && letters(text) === letters(lines[0]!)) return undefined;
  return titleCase(text);
}

/** A content word, how often it is there, and where first. */
interface Telling {
  word: string;
  count: number;
  first: number;
}

function tellingWords(lines: readonly string[]): Telling[] {
  const found = new Map<string, Telling>();
  lines.forEach((line, at) => {
    for (const raw of wordsOf(line)) {
      const word = raw.toLowerCase().replace(/^'+|'+$|'s$/g, '');
      if (word.length < 3 || STOP_WORDS.has(word)) continue;
      const entry = found.get(word) ?? { word, count: 0, first: at };
      entry.count++;
      found.set(word, entry);
    }
  });
  const weight = ({ word, count }: Telling): number => count * 4 + Math.min(word.length, 9);
  return [...found.values()].sort((a, b) => weight(b) - weight(a) || a.first - b.first);
}

/** The words of a line, without its marks, if they are few enough for a title. */
function asTitle(line: string): string | undefined {
  const words = wordsOf(line);
  return words.length >= 2 && words.length <= 6 ? titleCase(words.join(' ')) : undefined;
}

/** A line that the poem repeats, or its shortest line with the word it repeats most. */
function tellingLine(lines: readonly string[], word: Telling | undefined): string | undefined {
  const later = lines.slice(1).filter((line) => letters(line) !== letters(lines[0]!));
  const repeated = later.find((line, at) => later.findIndex((other) => letters(other) === letters(line)) < at);
  if (repeated !== undefined) return asTitle(repeated);
  if (!word || word.count < 3) return undefined;
  const holding = later.filter((line) => letters(line).includes(letters(word.word)));
  return holding
    .map(asTitle)
    .filter((title) => title !== undefined)
    .sort((a, b) => a.length - b.length)[0];
}

/** The nearest word before a noun-like word that makes a phrase of it: an article, a possessive or an adjective. */
function phraseAround(lines: readonly string[], word: string): string | undefined {
  for (const line of lines) {
    const words = wordsOf(line).map((part) => part.toLowerCase());
    const at = words.indexOf(word);
    const [before, earlier] = [words[at - 1], words[at - 2]];
    if (at < 1 || before === undefined) continue;
    if (/^(the|my|thy|our|his|her|their|your)$/.test(before)) return `${before} ${word}`;
    const opens = earlier !== undefined && /^(the|a|an|my|thy|our|his|her|their)$/.test(earlier);
    if (opens && !STOP_WORDS.has(before) && before !== word) return `the ${before} ${word}`;
  }
  return undefined;
}

/**
 * A title from the poem's own words, in title case, 1–8 words, never empty, never a copy of the first line: a
 * repeated line, a short line with the word said most, or that word with what stands before it.
 * @param text a poem; stanza breaks do not matter.
 */
export function titleFor(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const words = tellingWords(lines);
  const [top, second] = words;
  const candidates = [
    tellingLine(lines, top),
    top && phraseAround(lines, top.word),
    top && second && `${top.word} and ${second.word}`,
    top?.word,
    wordsOf(lines.at(-1) ?? '').at(-1),
    'Untitled',
    'A Poem',
  ];
  for (const candidate of candidates) {
    const title = candidate && acceptTitle(candidate, lines);
    if (title) return title;
  }
  return 'A Poem';
}
