/** Writes a poem, line by line: the product's heart, on one thread with the model. */

import { throwIfAborted } from '../errors.ts';
import { layoutOf } from '../poetry/layout.ts';
import { checksOf } from './checks.ts';
import { openStudio } from './studio.ts';
import { writeTitle } from './titles.ts';
import type { ComposeEvent, ComposeInput, Composition } from './types.ts';
import { Writer } from './writer.ts';

export { alternativesFor } from './alternatives.ts';

/** AutoCompose's poems were as long as this many tokens. */
const AUTOCOMPOSE_TOKENS = 300;
const MOST_LINES = 64;

/**
 * Writes the poem that `input.request` asks for. Each `line` event is final. Same model, device and request: the same poem.
 * @throws VerseletError `aborted`; `network` or `integrity` for a table; what the model throws (`device-lost`, ...).
 */
export async function* composePoem(input: ComposeInput): AsyncGenerator<ComposeEvent, Composition> {
  const { request, signal } = input;
  const before = input.model.tokensDecoded;
  const studio = await openStudio(input);
  const open = request.preset === 'autocompose' && request.lines === undefined;
  const layout = layoutOf(open ? { ...request, lines: MOST_LINES } : request);
  const writer = new Writer({ studio, request, layout, signal });
  for (const slot of layout.slots) {
    throwIfAborted(signal);
    if (open && writer.tokens >= AUTOCOMPOSE_TOKENS) break;
    yield { kind: 'attempt', index: slot.index, total: open ? undefined : layout.slots.length };
    const given = input.resume?.[slot.index] ?? slot.locked ?? repeated(writer, slot.refrainOf);
    const text = given ?? (await writer.write(slot));
    writer.accept(slot, text);
    yield { kind: 'line', line: { index: slot.index, stanza: slot.stanza, text } };
  }
  const title = await writeTitle(studio, request, writer.poem(writer.lines.at(-1)!.slot), signal);
  yield { kind: 'title', title };
  return {
    title,
    stanzas: stanzasOf(writer),
    checks: checksOf(writer, layout, studio, request),
    tokens: input.model.tokensDecoded - before,
    filtered: writer.filtered,
  };
}

function repeated(writer: Writer, first: number | undefined): string | undefined {
  return first === undefined ? undefined : writer.lines[first]?.text;
}

function stanzasOf(writer: Writer): string[][] {
  const stanzas: string[][] = [];
  for (const { slot, text } of writer.lines) (stanzas[slot.stanza] ??= []).push(text);
  return stanzas;
}
