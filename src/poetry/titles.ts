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
  return word.replace(/\p{L}/u, (letter) => (letter.toUpperCase().toLowerCase() === letter ? letter.toUpperCase() : letter));
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
 * special token, not the poem's first line, no word doubled, not broken off at a preposition.
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
  if (words.length > 1 && SMALL.has(words.at(-1)!)) return undefined;
  if (lines.length > 0 && letters(text) === letters(lines[0]!)) return undefined;
  return titleCase(text);
}

/** A content word, how often it is there, how often as a noun, and where first. */
interface Telling {
  word: string;
  count: number;
  nouns: number;
  first: number;
  /** Its first short phrase: `the sea`, `the cold sea`. */
  phrase?: string;
}

const DETERMINERS = new Set('the a an my thy our his her their your its each every'.split(' '));
const isDeterminer = (word: string | undefined): boolean => word !== undefined && DETERMINERS.has(word);
const isContent = (word: string | undefined): word is string =>
  word !== undefined && word.length >= 3 && !STOP_WORDS.has(word) && !DETERMINERS.has(word);

/** `the sea`, or `the cold sea` where one content word stands between; undefined where no determiner is near. */
function phraseAt(words: readonly string[], at: number): string | undefined {
  const [word, before, earlier] = [words[at]!, words[at - 1], words[at - 2]];
  const article = (determiner: string): string => (/^(a|an|each|every)$/.test(determiner) ? 'the' : determiner);
  if (isDeterminer(before)) return isContent(words[at + 1]) ? undefined : `${article(before!)} ${word}`;
  return isContent(before) && isDeterminer(earlier) ? `${article(earlier!)} ${before} ${word}` : undefined;
}

function tellingWords(lines: readonly string[]): Telling[] {
  const found = new Map<string, Telling>();
  lines.forEach((line, first) => {
    const words = wordsOf(line).map((word) => word.toLowerCase().replace(/^'+|'+$|'s$/g, ''));
    words.forEach((word, at) => {
      if (!isContent(word)) return;
      const entry = found.get(word) ?? { word, count: 0, nouns: 0, first };
      const phrase = phraseAt(words, at);
      entry.count++;
      if (phrase !== undefined) entry.nouns++;
      entry.phrase ??= phrase;
      found.set(word, entry);
    });
  });
  const manner = (word: string): number => (/(ly|ing|ed|est|eth)$/.test(word) ? 4 : 0);
  const weight = ({ word, count, nouns }: Telling): number =>
    count * 4 + Math.min(nouns, 3) * 5 + Math.min(word.length, 9) / 2 - manner(word);
  return [...found.values()].sort((a, b) => weight(b) - weight(a) || a.first - b.first);
}

/**
 * Titles that lie in the poem: its most telling nouns with what stands before them, in title case, most telling first.
 * @param lines the poem's lines. @param most how many.
 */
export function titlePhrases(lines: readonly string[], most = 8): string[] {
  const phrases = tellingWords(lines).flatMap(({ phrase }) => phrase ?? []);
  return [...new Set(phrases.map(titleCase))].slice(0, most);
}

/** The words of a line, without its marks, if they are few enough for a title and do not break off. */
function asTitle(line: string): string | undefined {
  const words = wordsOf(line);
  return words.length >= 2 && words.length <= 5 && isContent(words.at(-1)!.toLowerCase())
    ? titleCase(words.join(' '))
    : undefined;
}

/** A line that the poem repeats, if it is short. */
function repeatedLine(lines: readonly string[]): string | undefined {
  const plain = lines.map(letters);
  const at = plain.findIndex((line, index) => line !== plain[0] && plain.indexOf(line) < index);
  return at < 0 ? undefined : asTitle(lines[at]!);
}

/**
 * A title from the poem's own words, in title case, 1–8 words, never empty, never a copy of the first line: a
 * repeated line, else the most telling word with what stands before it.
 * @param text a poem; stanza breaks do not matter.
 */
export function titleFor(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const words = tellingWords(lines);
  const [top] = words;
  const second = words.find((entry) => entry !== top && entry.nouns > 0);
  const candidates = [
    repeatedLine(lines),
    top?.phrase,
    top && top.count >= 3 && top.word,
    top && second && top.nouns > 0 && `${top.word} and ${second.word}`,
    second?.phrase,
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
