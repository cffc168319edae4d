import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../poetry/layout.ts';
import { parseRequest } from '../poetry/request.ts';
import { FORM_NAMES, type FormName, type PoemRequest } from '../poetry/types.ts';
import { alternativesFor, composePoem } from './compose.ts';
import { openStudio } from './studio.ts';
import { ChanceModel, resources } from './testing/chance-model.ts';
import type { ComposeEvent, ComposeInput, Composition } from './types.ts';

const model = new ChanceModel();
const { prosody } = await openStudio({ model, dialect: 'plan', resources });

function inputOf(request: PoemRequest, more: Partial<ComposeInput> = {}): ComposeInput {
  return { model, dialect: 'plan', request: parseRequest({ seed: 7, ...request }, () => 7), resources, ...more };
}

async function run(request: PoemRequest, more: Partial<ComposeInput> = {}) {
  const events: ComposeEvent[] = [];
  const poem = composePoem(inputOf(request, more));
  for (;;) {
    const { value, done } = await poem.next();
    if (done) return { ...(value as Composition), events, texts: (value as Composition).stanzas.flat() };
    events.push(value);
  }
}

describe.each(['plan', 'plain'] as const)('the %s dialect', (dialect) => {
  it.each(FORM_NAMES)('keeps the form %s even on a model that knows nothing', async (form) => {
    const { checks, stanzas, texts } = await run({ form, candidates: 8 }, { dialect });
    const layout = layoutOf(inputOf({ form }).request);
    expect(stanzas.map((lines) => lines.length)).toEqual(layout.stanzas);
    expect(checks.syllables.kept).toBe(checks.syllables.wanted);
    expect(checks.rhyme.kept).toBe(checks.rhyme.wanted);
    for (const slot of layout.slots) {
      if (slot.refrainOf !== undefined) expect(texts[slot.index]).toBe(texts[slot.refrainOf]);
      if (slot.metre === 'iambic') expect(prosody.fitsMetre(texts[slot.index]!, 'iambic')).toBe(true);
    }
    expect(texts.join('\n')).not.toMatch(/<\||[\n ]{2}|["()]/);
  });

  it('starts each line with the acrostic\'s letter', async () => {
    const { texts } = await run({ form: 'quatrains', acrostic: 'QUIXOTIC', lines: 8 }, { dialect });
    expect(texts.map((text) => text[0]).join('')).toBe('QUIXOTIC');
  });

  it('writes the same poem again, and another one from another seed', async () => {
    const [a, b, c] = [await run({ seed: 1 }, { dialect }), await run({ seed: 1 }, { dialect }), await run({ seed: 2 }, { dialect })];
    expect(a.texts).toEqual(b.texts);
    expect(a.title).toBe(b.title);
    expect(a.texts).not.toEqual(c.texts);
  });
});

describe('composing', () => {
  it('gives locked lines back untouched', async () => {
    const line = fc.constantFrom('o the  odd, odd—line', 'A "quoted" thing (so)', 'Night', 'the sea...', 'And all was still;');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<FormName>('free', 'couplets', 'quatrains', 'haiku'),
        fc.array(fc.option(line), { minLength: 4, maxLength: 4 }),
        fc.nat(),
        async (form, kept, seed) => {
          const keep = form === 'haiku' ? kept.slice(0, 3) : kept;
          const { texts } = await run({ form, keep, seed, candidates: 1 });
          keep.forEach((text, index) => {
            if (text !== null) expect(texts[index]).toBe(text);
          });
        },
      ),
      { numRuns: 200 },
    );
  }, 60_000);

  it('rhymes with a locked line that comes later', async () => {
    const { texts } = await run({ form: 'couplets', lines: 2, keep: [null, 'And we shall sail away at night'] });
    expect(prosody.rhymeOf(texts[0]!, 'night')).toBe('perfect');
  });

  it('tells each line once, in order, then the title', async () => {
    const { events, texts, title } = await run({ form: 'limerick' });
    const lines = events.flatMap((event) => (event.kind === 'line' ? [event.line] : []));
    expect(lines.map((line) => line.text)).toEqual(texts);
    expect(lines.map((line) => line.index)).toEqual([0, 1, 2, 3, 4]);
    expect(events.at(-1)).toEqual({ kind: 'title', title });
  });

  it('goes on after a lost device as if nothing had happened', async () => {
    const whole = await run({ form: 'quatrains' });
    const rest = await run({ form: 'quatrains' }, { resume: whole.texts.slice(0, 3) });
    expect(rest.texts).toEqual(whole.texts);
  });

  it('keeps a given title and the first line', async () => {
    const { title, texts } = await run({ title: 'My Own Title', firstLine: 'The stars went out that night,' });
    expect(title).toBe('My Own Title');
    expect(texts[0]).toBe('The stars went out that night,');
  });

  it('closes the last line', async () => {
    const { texts } = await run({ form: 'couplets' });
    expect(texts.at(-1)).toMatch(/[.!?]$/);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const poem = composePoem(inputOf({}, { signal: stop.signal }));
    await poem.next();
    await poem.next();
    stop.abort();
    await expect(poem.next()).rejects.toMatchObject({ code: 'aborted' });
  });

  it('stays inside the context however long the poem', async () => {
    const { texts } = await run({ lines: 64, candidates: 1 });
    expect(texts).toHaveLength(64);
  });
});

describe('alternatives', () => {
  it('are other lines that fit', async () => {
    const { stanzas, texts } = await run({ form: 'couplets', acrostic: 'moonlight' });
    const found = await alternativesFor(inputOf({ form: 'couplets', acrostic: 'moonlight' }), { stanzas }, 2, 5);
    expect(new Set(found).size).toBe(5);
    for (const text of found) {
      expect(text).not.toBe(texts[2]);
      expect(text[0]).toBe('O');
      expect(prosody.syllables(text)).toBe(8);
      expect(prosody.rhymeOf(text, texts[3]!)).toBe('perfect');
    }
  });
});
