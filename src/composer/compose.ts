/** Writes a poem, line by line: the product's heart, on one thread with the model. */

import { layoutOf } from '../poetry/layout.ts';
import type { ParsedRequest, Poem } from '../poetry/types.ts';
import { throwIfAborted } from '../errors.ts';
import { checksOf } from './checks.ts';
import { openStudio, type Studio } from './studio.ts';
import type { ComposeEvent, ComposeInput, Composition } from './types.ts';
import { Writer } from './writer.ts';

/**
 * Writes the poem that `input.request` asks for. Each `line` event is final. Same model, device and request: the same poem.
 * @throws VerseletError `aborted`; and what the model throws (`device-lost`, `out-of-memory`).
 */
export async function* composePoem(input: ComposeInput): AsyncGenerator<ComposeEvent, Composition> {
  const { request, signal } = input;
  const before = input.model.tokensDecoded;
  const studio = await openStudio(input);
  const layout = layoutOf(request);
  const writer = new Writer({ studio, request, layout, signal });
  const total = layout.slots.length;
  for (const slot of layout.slots) {
    throwIfAborted(signal);
    yield { kind: 'attempt', index: slot.index, total };
    const given = input.resume?.[slot.index] ?? slot.locked ?? repeated(writer, slot.refrainOf);
    const text = given ?? (await writer.write(slot));
    writer.accept(slot, text);
    yield { kind: 'line', line: { index: slot.index, stanza: slot.stanza, text } };
  }
  const title = await titleOf(writer, studio, request);
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

async function titleOf(writer: Writer, studio: Studio, request: ParsedRequest): Promise<string> {
  if (request.title !== undefined) return studio.cleanTitle(request.title);
  return (await writer.title()) ?? studio.titleFor(writer.lines.map((line) => line.text).join('\n'));
}

function stanzasOf(writer: Writer): string[][] {
  const stanzas: string[][] = [];
  for (const { slot, text } of writer.lines) (stanzas[slot.stanza] ??= []).push(text);
  return stanzas;
}

/** Input of {@link alternativesFor}: as for composing, with a finished poem. */
export interface AlternativesInput extends Omit<ComposeInput, 'request' | 'resume'> {
  request: ParsedRequest;
  poem: Pick<Poem, 'stanzas' | 'title'>;
  /** Index over the whole poem, from 0. */
  line: number;
  count: number;
}
