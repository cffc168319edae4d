/** Everything that writing needs beside the request: the dialect, the prosody, the guards; opened once a poem. */

import type { Dialect } from './dialect.ts';
import { PlainDialect } from './plain-dialect.ts';
import { PlanDialect } from './plan-dialect.ts';
import { createProsody } from '../poetry/prosody.ts';
import { createVerseProsody, type EndWord, type Prosody } from './prosody.ts';
import type { ComposeInput } from './types.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';
import { loadPronunciations } from '../poetry/pronunciation.ts';

export interface Studio {
  prosody: Prosody;
  vocabulary: Vocabulary;
  dialect: Dialect;
  emotionWords(emotion: string): ReadonlyMap<string, number>;
  copiedWords(text: string): number;
  abusive(text: string): boolean;
  clean(text: string, last: boolean): string;
  cleanTitle(title: string): string;
  titleCase(text: string): string;
  titleFor(text: string): string;
  /** The title fit to print, or undefined where it will not do. */
  acceptTitle(title: string, lines: readonly string[]): string | undefined;
}

export async function openStudio(input: ComposeInput): Promise<Studio> {
  const dictionary = await loadPronunciations(await input.resources.loadTable('pronunciations.bin'));
  const table = JSON.parse(new TextDecoder().decode(await input.resources.loadTable('end-words.json')));
  const words: EndWord[] = Object.entries(table.parts as Record<string, string>).flatMap(([part, list]) =>
    list.split(',').map((entry) => {
      const [word = '', count, syllables] = entry.split(' ');
      return { word, part, count: Number(count), syllables: Number(syllables) };
    }),
  );
  const prosody = createVerseProsody(createProsody(dictionary), words);
  const vocabulary = vocabularyOf(input.model.tokenizer, prosody);
  const parts = { model: input.model, vocabulary, prosody };
  const dialect = input.dialect === 'plan' ? new PlanDialect(parts) : new PlainDialect(parts, input.startToken);
  return {
    prosody,
    vocabulary,
    dialect,
    emotionWords: () => new Map(),
    copiedWords: () => 0,
    abusive: () => false,
    clean: (text) => text,
    cleanTitle: (t) => t,
    titleCase: (t) => t,
    titleFor: (t) => t.split('\n')[0]!,
    acceptTitle: (t) => t || undefined,
  };
}
