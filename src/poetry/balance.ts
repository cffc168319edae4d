/** Quotation marks and brackets: those without a partner in their stanza are taken out; words and apostrophes stay. */

/** Words that begin with an apostrophe of their own. */
const ELIDED = new Set(
  (
    "tis twas twere twill twould twixt neath gainst mid mong midst pon scape gan gins bout cause em er im round way " +
    'fore twould til till stead lack larum plain ye s t'
  ).split(' '),
);
const OPENERS = '([';
const CLOSERS = ')]';
const LETTER = /[\p{L}\p{N}]/u;

type Role = 'open' | 'close' | 'either' | 'none';

const isLetter = (character: string | undefined): boolean => character !== undefined && LETTER.test(character);

/** What a straight double quote can be, by its neighbours: it opens before a word and closes after one. */
function roleOfDouble(text: string, at: number, open: boolean): Role {
  const [before, after] = [text[at - 1], text[at + 1]];
  const starts = before === undefined || /[\s(—['-]/.test(before);
  const ends = after === undefined || /[\s)—\].,;:!?'-]/.test(after);
  if (starts && ends) return 'none';
  if (starts) return 'open';
  return ends || open ? 'close' : 'open';
}

/** What a single quote can be; an apostrophe of a word is `none` of these and is kept. */
function roleOfSingle(text: string, at: number): Role {
  const [before, after] = [text[at - 1], text[at + 1]];
  if (isLetter(before)) return isLetter(after) ? 'none' : 'either';
  if (!isLetter(after)) return before !== undefined && /[.,;:!?—)"]/.test(before) ? 'close' : 'none';
  const word = /^\p{L}+/u.exec(text.slice(at + 1))?.[0].toLowerCase() ?? '';
  return ELIDED.has(word) ? 'none' : 'open';
}

/** Positions of double quotes that have no partner. */
function loneDoubles(text: string): number[] {
  const lone: number[] = [];
  let open: number | undefined;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    const role = roleOfDouble(text, at, open !== undefined);
    if (role === 'open') {
      if (open !== undefined) lone.push(open);
      open = at;
    } else if (role === 'close' && open !== undefined) open = undefined;
    else lone.push(at);
  }
  return open === undefined ? lone : [...lone, open];
}

/** Positions of single quotation marks that have no partner; apostrophes never count. */
function loneSingles(text: string): number[] {
  const lone: number[] = [];
  let open: number | undefined;
  for (let at = text.indexOf("'"); at >= 0; at = text.indexOf("'", at + 1)) {
    const role = roleOfSingle(text, at);
    if (role === 'open') {
      if (open !== undefined) lone.push(open);
      open = at;
    } else if (role === 'close') {
      if (open === undefined) lone.push(at);
      open = undefined;
    } else if (role === 'either') open = undefined;
    else if (!isLetter(text[at - 1]) && !isLetter(text[at + 1])) lone.push(at);
  }
  return open === undefined ? lone : [...lone, open];
}

/** Positions of brackets that have no partner. */
function loneBrackets(text: string): number[] {
  const open: number[] = [];
  const lone: number[] = [];
  [...text.matchAll(/[()[\]]/g)].forEach(({ index, 0: mark }) => {
    if (OPENERS.includes(mark)) open.push(index);
    else if (open.length > 0 && OPENERS.indexOf(text[open.at(-1)!]!) === CLOSERS.indexOf(mark)) open.pop();
    else lone.push(index);
  });
  return [...lone, ...open];
}

/** Without the characters at `positions`; a space stands in where letters would run together. */
function without(text: string, positions: readonly number[]): string {
  const gone = new Set(positions);
  let out = '';
  for (let at = 0; at < text.length; at++) {
    if (!gone.has(at)) out += text[at];
    else if (isLetter(out.at(-1)) && isLetter(text[at + 1])) out += ' ';
  }
  return out;
}

/** A stanza (or line) without quotation marks and brackets that have no partner in it. */
export function balance(text: string): string {
  const brackets = without(text, loneBrackets(text));
  const doubles = without(brackets, loneDoubles(brackets));
  return without(doubles, loneSingles(doubles));
}
