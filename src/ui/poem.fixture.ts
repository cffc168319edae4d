import type { Poem } from '../poetry/types.ts';

const STANZAS = [
  ['The lamp goes out along the quiet shore,', 'And all the boats are folded into grey;'],
  ['The gulls that called us do not call us more,', 'They took the bright and careless part of day.'],
];

/** A poem for tests, with `change` in it. */
export function aPoem(change: Partial<Poem> = {}): Poem {
  const stanzas = change.stanzas ?? STANZAS;
  const lines = stanzas.flat();
  return {
    id: 'poem-1',
    title: 'The Harbour Lamp',
    stanzas,
    text: stanzas.map((stanza) => stanza.join('\n')).join('\n\n'),
    emotion: 'sadness',
    form: 'free',
    seed: 7,
    request: { emotion: 'sadness', form: 'free', rhyme: 'perfect', seed: 7, lines: lines.length },
    model: { id: 'verse-nano', revision: 'embedded-0123456789ab', dtype: 'q4' },
    device: 'wasm',
    checks: {
      rhyme: { scheme: '-'.repeat(lines.length), wanted: 0, kept: 0 },
      syllables: { wanted: 0, kept: 0, perLine: lines.map(() => 10) },
      nllPerToken: 3,
      copiedWords: 2,
    },
    timings: { loadMs: 800, firstLineMs: 300, totalMs: 2600, tokens: 900, tokensPerSecond: 340 },
    createdAt: '2026-11-22T12:00:00.000Z',
    ...change,
  };
}
