/** The clean-up of punctuation: a table of rules, run until nothing changes. It never adds, drops or changes a word. */

import { balance } from './balance.ts';
import { stripUnseen } from './text-hygiene.ts';

type Rule = readonly [pattern: RegExp, replacement: string | ((match: string) => string), why: string];

/** Spelling of marks: one kind of quote, dash and ellipsis. */
const SPELLINGS: readonly Rule[] = [
  [/[^\S\n]+/g, ' ', 'single spaces'],
  [/[‘’‚‛`´]/g, "'", 'curly apostrophes and single quotes'],
  [/[“”„‟«»]|''/g, '"', 'curly double quotes, and two single ones'],
  [/…/g, '...', 'the ellipsis character'],
  [/[–―−]|-{2,}|\s-+(?=\s|$)|(?<=\s)-+/g, '—', 'two hyphens, an en dash, or a hyphen beside a space are a dash'],
  [/-+$|^-+/g, '—', 'a hyphen at an end of the line'],
  [/[_*#~|<>\\^={}@+]+/g, ' ', 'mark-up: _word_ is the word'],
];

/** The mark that a run of marks stands for: the strongest. */
function strongest(run: string): string {
  const marks = run.replace(/\s/g, '');
  if (marks.includes('?')) return '?';
  if (marks.includes('!')) return '!';
  if (/\.{3}/.test(marks)) return '...';
  return [...'.;:,'].find((mark) => marks.includes(mark)) ?? marks;
}

/** Marks among themselves, and the spaces around them. */
const MARKS: readonly Rule[] = [
  [/\s+/g, ' ', 'single spaces'],
  [/\s*—[\s—-]*/g, '—', 'a dash stands close, and once'],
  [/([,;:])-+/g, '$1 ', 'a comma and a hyphen is a comma'],
  [/\s+(?=[,;:.!?)\]])/g, '', 'no space before a mark'],
  [/(?<=[([])\s+/g, '', 'no space inside a bracket'],
  [/\(\s*\)|\[\s*\]|"\s*"/g, ' ', 'nothing in brackets or quotes'],
  [/[,;:.!?](?:\s*[,;:.!?])+/g, strongest, 'of several marks the strongest'],
  [/\.—$/g, '.', 'a stop before the last dash stays'],
  [/[,;:.]+—/g, '—', 'a comma, colon or stop before a dash goes; go!—and stays'],
  [/—(?=[.!?])/g, '', 'a dash before a stop goes'],
  [/—[,;:]+/g, '—', 'a comma after a dash goes'],
  [/^[\s,;:.!?—)\]-]+/g, '', 'no mark before the first word'],
  [/^(["'([]+)[\s,;:.!?—-]+/g, '$1', 'nor after the quote that opens the line'],
  [/([,;:!?])(?=\p{L})/gu, '$1 ', 'a space after a mark'],
  [/(?<=\p{L})\.(?=\p{L})/gu, '. ', 'a space after a stop'],
  [/\.\.\.(?=\p{L})/gu, '... ', 'a space after an ellipsis'],
];

const ROUNDS = 8;

function apply(rules: readonly Rule[], text: string): string {
  return rules.reduce((out, [pattern, replacement]) => out.replace(pattern, replacement as string), text);
}

/** `change` again and again until it changes nothing; the rules only shorten or settle, so few rounds do. */
function settle(text: string, change: (text: string) => string): string {
  let current = text;
  for (let round = 0; round < ROUNDS; round++) {
    const next = change(current);
    if (next === current) break;
    current = next;
  }
  return current;
}

const tidyLine = (line: string): string => settle(apply(SPELLINGS, line), (text) => apply(MARKS, text).trim());

/** A stanza with its lines tidied and its quotes and brackets in pairs; lines without a word are dropped. */
function tidyStanza(stanza: string): string {
  return settle(stanza, (text) => {
    const lines = text.split('\n').map(tidyLine).filter((line) => /[\p{L}\p{N}]/u.test(line));
    return balance(lines.join('\n'));
  });
}

/** The line with its first letter in upper case. */
export function capitalise(line: string): string {
  return line.replace(/^([^\p{L}\p{N}]*)(\p{Ll})/u, (_, before: string, letter: string) => before + upper(letter));
}

/** Upper case of one letter, where it is one letter that comes back (`ß` and `ı` stay). */
function upper(letter: string): string {
  const capital = letter.toUpperCase();
  return capital.toLowerCase() === letter ? capital : letter;
}

const firstLetter = (line: string): string => /\p{L}/u.exec(line)?.[0] ?? '';
const startsSmall = (line: string): boolean => /\p{Ll}/u.test(firstLetter(line));

/**
 * The poem's last line, brought to an end: a dangling comma, semicolon, colon or dash becomes a full stop; a missing
 * stop is added where `complete`.
 */
export function closeLine(line: string, complete: boolean): string {
  const tailAt = endOf(line, `"')]`);
  const marksAt = endOf(line.slice(0, tailAt), ',;:—-');
  const [body, marks, tail] = [line.slice(0, marksAt), line.slice(marksAt, tailAt), line.slice(tailAt)];
  const ended = '.!?'.includes(body.at(-1) ?? '.');
  if (marks !== '') return `${body}${ended ? '' : '.'}${tail}`;
  if (!complete || ended) return line;
  return /\p{L}'$/u.test(line.slice(-2)) ? `${line}.` : `${body}.${tail}`;
}

/** Where the run of `marks` at the end of a text begins. */
function endOf(text: string, marks: string): number {
  let at = text.length;
  while (at > 0 && marks.includes(text[at - 1]!)) at--;
  return at;
}

/**
 * One line cleaned by itself.
 * @param options.capital whether its first letter is to be a capital.
 */
export function cleanLine(line: string, options: { capital?: boolean } = {}): string {
  const tidy = tidyStanza(stripUnseen(line).replaceAll('\n', ' '));
  return options.capital ? capitalise(tidy) : tidy;
}

/**
 * A whole poem's text cleaned: marks, quotes, brackets, spaces, a capital at each line's start where most lines have
 * one, and a last line that ends. Stanza breaks stay (one blank line each); words stay; idempotent. Empty in, empty out.
 */
export function cleanPunctuation(text: string): string {
  return settle(text, cleanOnce);
}

function cleanOnce(text: string): string {
  const stanzas = stripUnseen(text)
    .split(/\n\s*\n/)
    .map(tidyStanza)
    .filter((stanza) => stanza !== '')
    .map((stanza) => stanza.split('\n'));
  const lines = stanzas.flat();
  if (lines.length === 0) return '';
  const small = lines.filter(startsSmall).length;
  const capital = lines.length - small > small;
  const complete = lines.slice(0, -1).some((line) => /[,;:.!?—]["')\]]*$/.test(line));
  const last = stanzas.at(-1)!;
  last.push(closeLine(last.pop()!, complete));
  return stanzas.map((stanza) => stanza.map((line) => (capital ? capitalise(line) : line)).join('\n')).join('\n\n');
}

const DANGLING = new Set(
  (
    'a an the this that these those my thy his her its our your their and but or nor of in on at by for from to with ' +
    'into upon o\'er through as than if though when where while till which who whom whose is are was were am be no every'
  ).split(' '),
);

/** Whether a line breaks off: its last word asks for another (`the`, `of`, `and`). */
export function isDangling(line: string): boolean {
  const last = /([\p{L}']+)[^\p{L}]*$/u.exec(line.toLowerCase())?.[1] ?? '';
  return DANGLING.has(last) && !/[.!?]["')\]]*\s*$/.test(line);
}
