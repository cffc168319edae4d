/** The proof shown beside a poem, counted from its finished text. */

import type { Layout } from '../poetry/layout.ts';
import type { ParsedRequest, PoemChecks } from '../poetry/types.ts';
import type { Studio } from './studio.ts';
import type { Writer } from './writer.ts';

/** Counts what the form wanted and what the poem kept. */
export function checksOf(writer: Writer, layout: Layout, studio: Studio, request: ParsedRequest): PoemChecks {
  const texts = writer.lines.map((line) => line.text);
  const perLine = texts.map((text) => studio.prosody.syllables(text));
  const measured = layout.slots.filter((slot) => slot.syllables !== undefined && slot.index < texts.length);
  return {
    rhyme: rhymeChecks(texts, layout, studio, request),
    syllables: {
      wanted: measured.length,
      kept: measured.filter((slot) => perLine[slot.index] === slot.syllables).length,
      perLine,
    },
    nllPerToken: writer.nllPerToken(),
    copiedWords: Math.max(0, ...texts.map((text) => studio.copiedWords(text))),
  };
}

/** Each line against the line before it of the same letter; a refrain rhymes with the line it repeats by being it. */
function rhymeChecks(texts: readonly string[], layout: Layout, studio: Studio, request: ParsedRequest) {
  const { prosody } = studio;
  const last = new Map<string, string>();
  let wanted = 0;
  let kept = 0;
  for (const slot of layout.slots) {
    if (slot.rhyme === '-' || slot.refrainOf !== undefined) continue;
    const word = prosody.endWord(texts[slot.index] ?? '');
    const partner = last.get(slot.rhyme);
    last.set(slot.rhyme, word);
    if (partner === undefined) continue;
    wanted++;
    const kind = prosody.rhymeOf(word, partner);
    if (kind === 'perfect' || (kind === 'near' && request.rhyme === 'near')) kept++;
  }
  return { scheme: layout.scheme, wanted, kept };
}
