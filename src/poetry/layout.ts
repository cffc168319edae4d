/** From a parsed request to what every line of the poem has to be. */

import { FORMS, type Metre } from './forms.ts';
import type { Emotion, FormName, ParsedRequest } from './types.ts';

/** What one line has to be. */
export interface LineSlot {
  /** Over the whole poem, from 0. */
  index: number;
  stanza: number;
  /** The last line of its stanza. */
  endsStanza: boolean;
  /** Lines of the same letter rhyme; `-` is unrhymed. */
  rhyme: string;
  /** Undefined: as many as the model likes. */
  syllables?: number;
  metre?: Metre;
  /** Index of the earlier line that this one repeats word for word. */
  refrainOf?: number;
  /** The letter A–Z that the line starts with. */
  acrostic?: string;
  emotion: Emotion;
  /** The caller's own line: it goes into the poem as it is. */
  locked?: string;
}

/** A poem's plan. */
export interface Layout {
  form: FormName;
  /** Lines in each stanza. */
  stanzas: number[];
  slots: LineSlot[];
  /** Rhyme letters, one a line. */
  scheme: string;
  /** Index of the line where the thought turns. */
  turn?: number;
  /** The number of lines is only a guide: the model may end earlier or later (AutoCompose's preset). */
  open: boolean;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The number of lines that a parsed request asks for. */
export function linesOf(request: ParsedRequest): number {
  const row = FORMS[request.form];
  return row.length ? (request.lines ?? row.length.default) : row.scheme.length;
}

/** The letters of an acrostic: A–Z, accents dropped, everything else left out. */
export function acrosticLetters(acrostic: string): string[] {
  return acrostic.normalize('NFD').toUpperCase().match(/[A-Z]/g) ?? [];
}

function stanzaLengths(lengths: readonly number[], lines: number): number[] {
  const out: number[] = [];
  for (let left = lines; left > 0; ) {
    const length = Math.min(lengths[out.length] ?? lengths.at(-1) ?? left, left);
    out.push(length);
    left -= length;
  }
  return out;
}

/** One mark a line, with new letters each time the pattern starts again. */
function schemeMarks(pattern: readonly string[], lines: number): string[] {
  const names = new Map<string, string>();
  return Array.from({ length: lines }, (_, index) => {
    const mark = pattern[index % pattern.length]!;
    if (mark === '-') return mark;
    const key = `${Math.floor(index / pattern.length)}${mark[0]!.toLowerCase()}`;
    if (!names.has(key)) names.set(key, LETTERS[names.size % LETTERS.length]!);
    return names.get(key)!;
  });
}

/** For each line the index of the first line with the same refrain mark, if it is a repeat. */
function refrains(pattern: readonly string[], lines: number): (number | undefined)[] {
  return Array.from({ length: lines }, (_, index) => {
    const mark = pattern[index];
    const first = mark !== undefined && mark.length > 1 ? pattern.indexOf(mark) : index;
    return first < index ? first : undefined;
  });
}

/** Locked texts by line; a lock on any line of a refrain holds for those of its lines that have no other lock. */
function lockedTexts(request: ParsedRequest, repeats: readonly (number | undefined)[]): (string | undefined)[] {
  const locked = repeats.map((_, index) => request.keep?.[index] ?? undefined);
  locked[0] ??= request.firstLine;
  const own = [...locked];
  return own.map((text, index) => {
    const first = repeats[index] ?? index;
    return text ?? own.find((other, at) => other !== undefined && (repeats[at] ?? at) === first);
  });
}

/** The refrain that line `index` still repeats: none where either line is locked to another text. */
function keptRefrain(first: number | undefined, index: number, locked: readonly (string | undefined)[]) {
  return first !== undefined && locked[index] === locked[first] ? first : undefined;
}

/** The arc's emotion for a stanza; an arc with more emotions than stanzas is spread over the lines. */
function emotionAt(request: ParsedRequest, stanza: number, stanzas: number, share: number): Emotion {
  const arc = request.arc ?? [];
  const at = arc.length > stanzas ? Math.floor(share * arc.length) : Math.min(stanza, arc.length - 1);
  return arc[at] ?? request.emotion;
}

/**
 * The plan of a request's poem, one slot a line.
 * @param request as `parseRequest` gives it; nothing is checked again.
 */
export function layoutOf(request: ParsedRequest): Layout {
  const row = FORMS[request.form];
  const lines = linesOf(request);
  const stanzas = stanzaLengths(row.stanzas, lines);
  const pattern = request.scheme ? patternOf(request.scheme) : row.scheme;
  const marks = schemeMarks(pattern, lines);
  const repeats = refrains(pattern, lines);
  const locked = lockedTexts(request, repeats);
  const letters = acrosticLetters(request.acrostic ?? '');
  const slots: LineSlot[] = [];
  stanzas.forEach((length, stanza) => {
    for (let at = 0; at < length; at++) {
      const index = slots.length;
      slots.push({
        index,
        stanza,
        endsStanza: at === length - 1,
        rhyme: marks[index]!,
        syllables: row.syllables?.[index % row.syllables.length],
        metre: row.metre,
        refrainOf: keptRefrain(repeats[index], index, locked),
        acrostic: letters[index],
        emotion: emotionAt(request, stanza, stanzas.length, index / lines),
        locked: locked[index],
      });
    }
  });
  const open = request.form === 'free' && request.lines === undefined;
  return { form: request.form, stanzas, slots, scheme: marks.join(''), turn: row.turn, open };
}

/** A named quatrain scheme as marks: letters that occur once are unrhymed. */
function patternOf(scheme: string): string[] {
  return [...scheme.toLowerCase()].map((letter, _, all) => (all.filter((x) => x === letter).length > 1 ? letter : '-'));
}
