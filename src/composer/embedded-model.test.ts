import { describe, expect, it } from 'vitest';
import { readPacked } from '../convert/packed.ts';
import { createGpt2Model } from '../engine/gpt2-model.ts';
import { createWasmBackend } from '../engine/kernels/backend.ts';
import { verseNano } from '../engine/verse-nano.fixture.ts';
import { parseRequest } from '../poetry/request.ts';
import type { PoemRequest } from '../poetry/types.ts';
import { composePoem } from './compose.ts';
import { resources, tokenizer } from './testing/chance-model.ts';
import type { Composition } from './types.ts';
import { contentWords, wordsIn } from './words.ts';

const model = createGpt2Model(await createWasmBackend(await readPacked(verseNano().weights)), tokenizer);

async function write(request: PoemRequest): Promise<Composition> {
  const input = { model, dialect: 'plan' as const, request: parseRequest(request, () => 1), resources };
  const poem = composePoem(input);
  for (;;) {
    const { value, done } = await poem.next();
    if (done) return value;
  }
}

async function writeThree(request: PoemRequest): Promise<Composition[]> {
  const poems: Composition[] = [];
  for (const seed of [11, 12, 13]) poems.push(await write({ ...request, seed }));
  return poems;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the embedded model', () => {
  it('keeps rhyme and metre without paying in sense', async () => {
    const formed = await writeThree({ form: 'quatrains', emotion: 'joy' });
    const free = await writeThree({ form: 'free', emotion: 'joy' });
    for (const { checks, title } of formed) {
      expect(checks.rhyme.kept).toBe(checks.rhyme.wanted);
      expect(checks.syllables.kept).toBe(checks.syllables.wanted);
      expect(title.split(' ').length).toBeLessThanOrEqual(8);
    }
    const cost = (poems: Composition[]): number => sum(poems.map((poem) => poem.checks.nllPerToken)) / poems.length;
    expect(cost(formed) - cost(free)).toBeLessThanOrEqual(0.35);
    const lines = formed.flatMap((poem) => poem.stanzas.flat());
    expect(new Set(lines).size).toBe(lines.length);
    expect(sum(formed.map((poem) => poem.tokens))).toBeLessThanOrEqual(4 * sum(free.map((poem) => poem.tokens)));
  });

  it('finds a title in the poem', async () => {
    for (const { title, stanzas } of await writeThree({ form: 'couplets', emotion: 'trust', lines: 4 })) {
      const text = wordsIn(stanzas.flat().join(' ')).join(' ');
      expect(contentWords(title).some((word) => text.includes(word))).toBe(true);
    }
  });

  it('brings a theme word in', async () => {
    const { stanzas } = await write({ form: 'couplets', theme: 'winter', seed: 5 });
    expect(stanzas.flat().join(' ').toLowerCase()).toContain('winter');
  });
});
