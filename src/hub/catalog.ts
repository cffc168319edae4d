/** The models worth naming. Sizes are the hub's, for the files that {@link chooseWeights} picks; sentences live in the UI. */

import type { CatalogEntry } from './types.ts';

/** GPT-2's tokenizer.json, as nearly every model of the hub carries it. */
const TOKENIZER_BYTES = 2_100_000;
/** A GPT-2 of 124 million parameters, packed into four bits. */
const PACKED_SMALL_BYTES = 80_000_000;

const AUTOCOMPOSE_START = '<|startoftext|>';
const EMOTIONS = ['anger', 'anticipation', 'disgust', 'fear', 'joy', 'sadness', 'surprise', 'trust'] as const;

/** AutoCompose's nine models: the emotion chooses one. */
const AUTOCOMPOSE: Record<string, string> = {
  ...Object.fromEntries(EMOTIONS.map((emotion) => [emotion, `prajwalcr/poetry-${emotion}_gpt2`])),
  neutral: 'prajwalcr/poetry_gpt2',
};

/** Entries of the hub; embedded models come from `models/index.json`. */
export const HUB_CATALOG: readonly CatalogEntry[] = [
  hubEntry('Xenova/distilgpt2', 84_900_000, 84_900_000, 'Apache-2.0'),
  hubEntry('Xenova/gpt2', 128_000_000, 128_000_000, 'MIT'),
  hubEntry('ismaelfaro/gpt2-poems.en', 510_000_000, PACKED_SMALL_BYTES, 'MIT'),
  hubEntry('fabianmmueller/deep-haiku-gpt-2', 510_000_000, PACKED_SMALL_BYTES, 'MIT'),
  {
    id: 'autocompose',
    kind: 'set',
    bytes: 515_000_000 + TOKENIZER_BYTES,
    keptBytes: PACKED_SMALL_BYTES + TOKENIZER_BYTES,
    license: 'not stated',
    members: AUTOCOMPOSE,
  },
];

const START_TOKENS = new Map(Object.values(AUTOCOMPOSE).map((id) => [id, AUTOCOMPOSE_START]));

function hubEntry(id: string, bytes: number, keptBytes: number, license: string): CatalogEntry {
  return { id, kind: 'hub', bytes: bytes + TOKENIZER_BYTES, keptBytes: keptBytes + TOKENIZER_BYTES, license };
}

/** The prompt that a fine-tune of the catalog starts from. */
export function startTokenOf(id: string): string | undefined {
  return START_TOKENS.get(id);
}

/** The member of a set that an emotion chooses; any other model is itself. */
export function memberFor(model: string, emotion: string): string {
  const set = HUB_CATALOG.find((entry) => entry.kind === 'set' && entry.id === model);
  return new Map(Object.entries(set?.members ?? {})).get(emotion) ?? model;
}
