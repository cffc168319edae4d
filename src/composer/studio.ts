/** Everything that writing needs beside the request: the dialect, the prosody, the guards; opened once a poem. */

import { VerseletError } from '../errors.ts';
import { type EmotionLexicon, loadEmotionLexicon } from '../poetry/emotions.ts';
import { loadPronunciations } from '../poetry/pronunciation.ts';
import { createProsody } from '../poetry/prosody.ts';
import type { Emotion } from '../poetry/types.ts';
import { CopyGuard } from './copy-guard.ts';
import type { Dialect } from './dialect.ts';
import { emotionWords } from './emotion-words.ts';
import { parseEndWords } from './end-words.ts';
import { PlainDialect } from './plain-dialect.ts';
import { PlanDialect } from './plan-dialect.ts';
import { createVerseProsody, type Prosody } from './prosody.ts';
import type { ComposeInput, ComposerResources } from './types.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';

export interface Studio {
  prosody: Prosody;
  vocabulary: Vocabulary;
  dialect: Dialect;
  /** How telling words are for an emotion. */
  emotionWords(emotion: Emotion): ReadonlyMap<string, number>;
  /** Words of the line if it is known from elsewhere, else 0. */
  copiedWords(line: string): number;
}

/** The tables of one page, parsed once. */
interface Tables {
  prosody: Prosody;
  lexicon: EmotionLexicon;
  guard: CopyGuard | undefined;
}

const opened = new WeakMap<ComposerResources, Promise<Tables>>();
const dialects = new WeakMap<object, Dialect>();

/** A table that a page may do without. */
async function optional(resources: ComposerResources, name: string): Promise<Uint8Array | undefined> {
  try {
    return await resources.loadTable(name);
  } catch (error) {
    if (error instanceof VerseletError && error.code === 'aborted') throw error;
    return undefined;
  }
}

async function loadTables(resources: ComposerResources): Promise<Tables> {
  const [sounds, words, emotions, known] = await Promise.all([
    resources.loadTable('pronunciations.bin'),
    resources.loadTable('end-words.json'),
    optional(resources, 'emotion-lexicon.json'),
    optional(resources, 'copy-guard.bin'),
  ]);
  const lines = createProsody(await loadPronunciations(sounds));
  return {
    prosody: createVerseProsody(lines, parseEndWords(words)),
    lexicon: loadEmotionLexicon(emotions ? JSON.parse(new TextDecoder().decode(emotions)) : {}),
    guard: known && new CopyGuard(known),
  };
}

function tablesOf(resources: ComposerResources): Promise<Tables> {
  let tables = opened.get(resources);
  if (!tables) {
    tables = loadTables(resources);
    opened.set(resources, tables);
    // A failure is not remembered: the next poem asks again.
    tables.catch(() => opened.delete(resources));
  }
  return tables;
}

/** Starts to load the tables, so that they are there when a poem is asked for; what fails is tried again then. */
export function prepareStudio(resources: ComposerResources): void {
  tablesOf(resources).catch(() => {});
}

/**
 * Loads what is not loaded yet, and makes the model's dialect.
 * @throws VerseletError `network` or `integrity` for a table, `unsupported-model` when the model cannot speak the dialect.
 */
export async function openStudio(input: Pick<ComposeInput, 'model' | 'dialect' | 'startToken' | 'resources'>): Promise<Studio> {
  const { prosody, lexicon, guard } = await tablesOf(input.resources);
  const vocabulary = vocabularyOf(input.model.tokenizer, prosody);
  let dialect = dialects.get(input.model);
  if (dialect?.name !== input.dialect) {
    const parts = { model: input.model, vocabulary, prosody };
    dialect = input.dialect === 'plan' ? new PlanDialect(parts) : new PlainDialect(parts, input.startToken);
    dialects.set(input.model, dialect);
  }
  const words = new Map<Emotion, ReadonlyMap<string, number>>();
  return {
    prosody,
    vocabulary,
    dialect,
    emotionWords: (emotion) => {
      const known = words.get(emotion) ?? emotionWords(lexicon, emotion);
      words.set(emotion, known);
      return known;
    },
    copiedWords: (line) => guard?.copiedWords(line) ?? 0,
  };
}
