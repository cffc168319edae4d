/** Other lines that would fit in place of one line of a finished poem. */

import { type Layout, layoutOf, type LineSlot } from '../poetry/layout.ts';
import type { ParsedRequest, Poem } from '../poetry/types.ts';
import type { Judged } from './candidates.ts';
import { openStudio } from './studio.ts';
import type { ComposeInput } from './types.ts';
import { ALTERNATIVES, Writer } from './writer.ts';

/** Batches of candidates at most. */
const ROUNDS = 6;

/**
 * Lines that would fit in place of line `line`, best first: distinct, other than the line that stands there, rhyming with
 * its partners, with the form's syllables and the acrostic's letter. Fewer than `count` where the model finds no more.
 * @param line index over the whole poem, from 0.
 * @throws VerseletError as `composePoem`.
 */
export async function alternativesFor(
  input: Omit<ComposeInput, 'resume'>,
  poem: Pick<Poem, 'stanzas'>,
  line: number,
  count: number,
): Promise<string[]> {
  const studio = await openStudio(input);
  const texts = poem.stanzas.flat();
  const layout = layoutAround(input.request, poem.stanzas, line);
  const slot = layout.slots[line];
  if (!slot) return [];
  const request = { ...input.request, candidates: Math.max(input.request.candidates ?? 0, 2 * count, 8) };
  const writer = new Writer({ studio, request, layout, signal: input.signal });
  for (const before of layout.slots.slice(0, line)) writer.accept(before, texts[before.index]!);
  const seen = new Set([textKey(texts[line]!)]);
  const found: Judged[] = [];
  const tried = new Set<string>();
  const others = texts.filter((_, at) => at > line);
  for (let round = 0; round < ROUNDS && found.filter((judged) => judged.fits).length < count; round++) {
    for (const judged of await writer.round(slot, ALTERNATIVES + round, tried, others)) {
      const key = textKey(judged.text);
      if (judged.abusive || judged.text === '' || seen.has(key)) continue;
      seen.add(key);
      found.push(judged);
    }
  }
  const rank = (judged: Judged): number => judged.score + (judged.fits ? 100 : 0);
  const fitting = found.some((judged) => judged.fits) ? found.filter((judged) => judged.fits) : found;
  return fitting.sort((a, b) => rank(b) - rank(a)).slice(0, count).map((judged) => judged.text);
}

function textKey(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}]+/gu, ' ').trim();
}

/** The poem's plan with all its lines locked but one, and without that line's repeats among its partners. */
function layoutAround(request: ParsedRequest, stanzas: readonly (readonly string[])[], line: number): Layout {
  const texts = stanzas.flat();
  const planned = layoutOf(request);
  const layout = planned.slots.length === texts.length ? planned : freeLayout(planned, stanzas);
  const own = layout.slots[line];
  const group = own && (own.refrainOf ?? own.index);
  const slots = layout.slots.map((slot): LineSlot => {
    const repeats = (slot.refrainOf ?? slot.index) === group;
    if (slot.index === line) return { ...slot, locked: undefined, refrainOf: undefined };
    return repeats ? { ...slot, locked: undefined, refrainOf: line } : { ...slot, locked: texts[slot.index] };
  });
  return { ...layout, slots };
}

/** A poem whose lines were added or taken away by hand has no form any more: every line is its own. */
function freeLayout(planned: Layout, stanzas: readonly (readonly string[])[]): Layout {
  const emotion = planned.slots[0]!.emotion;
  const slots: LineSlot[] = [];
  stanzas.forEach((lines, stanza) => {
    lines.forEach((_, at) => {
      slots.push({ index: slots.length, stanza, endsStanza: at === lines.length - 1, rhyme: '-', emotion });
    });
  });
  return { ...planned, form: 'free', stanzas: stanzas.map((lines) => lines.length), slots };
}
