/** Sample requests and poems: what the JSON Schemas and the parsers must both take, and what both must refuse. */

/** A poem as `compose` gives it. */
export const SAMPLE_POEM = {
  id: 'p0a1b2c3d4e5',
  title: 'The Sea at Night',
  stanzas: [
    ['And all the stars went out that night,', 'The sea was black and wide.'],
    ['We held one lamp of yellow light,', 'And waited for the tide.'],
  ],
  text: 'And all the stars went out that night,\nThe sea was black and wide.\n\nWe held one lamp of yellow light,\nAnd waited for the tide.',
  emotion: 'sadness',
  form: 'ballad',
  seed: 42,
  request: { emotion: 'sadness', form: 'ballad', rhyme: 'perfect', seed: 42, lines: 4 },
  model: { id: 'verse-nano', revision: 'a1b2c3', dtype: 'q4' },
  device: 'wasm',
  checks: {
    rhyme: { scheme: '-a-a', wanted: 1, kept: 1 },
    syllables: { wanted: 4, kept: 4, perLine: [8, 6, 8, 6] },
    nllPerToken: 3.1,
    copiedWords: 4,
  },
  timings: { loadMs: 900, firstLineMs: 1200, totalMs: 4000, tokens: 160, tokensPerSecond: 57.1 },
  createdAt: '2026-11-22T12:00:00.000Z',
} as const;

/** Requests that are right. */
export const GOOD_REQUESTS: readonly unknown[] = [
  {},
  { emotion: 'joy' },
  { emotion: 'sadness', form: 'quatrains', scheme: 'ABBA', lines: 12, rhyme: 'near' },
  { form: 'haiku', theme: 'the first snow', title: 'Snow', seed: 4294967295 },
  { form: 'couplets', keep: ['A line of mine', null], firstLine: 'A line of mine' },
  { acrostic: 'SEA', arc: ['fear', 'trust'] },
  { temperature: 0.8, topK: 0, topP: 1, minP: 0, candidates: 64 },
  { preset: 'autocompose' },
];

/** Requests that are wrong, each in one field alone. */
export const BAD_REQUESTS: readonly unknown[] = [
  null,
  [],
  'joy',
  { emotion: 'hapy' },
  { form: 'ode' },
  { lines: -1 },
  { lines: 65 },
  { lines: '4' },
  { form: 'couplets', lines: 3 },
  { form: 'haiku', lines: 3 },
  { form: 'free', scheme: 'ABAB' },
  { theme: 'x'.repeat(501) },
  { keep: [1] },
  { keep: [] },
  { arc: [] },
  { seed: -1 },
  { seed: 0.5 },
  { temperature: 0 },
  { topP: 0 },
  { minP: 1 },
  { candidates: 0 },
  { preset: 'other' },
  { mood: 'joy' },
];

/** Changes that each spoil {@link SAMPLE_POEM}. */
export const BAD_POEM_CHANGES: readonly Record<string, unknown>[] = [
  { id: '' },
  { id: '../x' },
  { title: 3 },
  { stanzas: [] },
  { stanzas: [[]] },
  { stanzas: [['']] },
  { stanzas: [['two\nlines']] },
  { stanzas: 'text' },
  { emotion: 'bliss' },
  { form: undefined },
  { seed: 2 ** 32 },
  { request: { mood: 'joy' } },
  { model: { id: 'x' } },
  { device: 'cpu' },
  { checks: {} },
  { checks: { ...SAMPLE_POEM.checks, copiedWords: -1 } },
  { timings: { ...SAMPLE_POEM.timings, loadMs: '1' } },
  { createdAt: 'yesterday' },
  { extra: 1 },
];
