/** Which of several drafts of a line is the best: form first, then the model's likelihood, then what reads badly. */

import type { LineSlot } from '../poetry/layout.ts';
import { type Draft, mean } from './dialect.ts';
import { firstLetter } from './openings.ts';
import type { Prosody } from './prosody.ts';
import { isContent, wordsIn } from './words.ts';

/** What a draft is judged against. */
export interface Judge {
  prosody: Prosody;
  slot: LineSlot;
  /** End words that the line has to rhyme with. */
  partners: readonly string[];
  near: boolean;
  /** Lines that stand already. */
  earlier: readonly string[];
  /** Content words of the theme that the poem has not used yet. */
  theme: ReadonlySet<string>;
  /** Words of the wanted emotion and how telling they are (negative: of another one). */
  emotion: ReadonlyMap<string, number>;
  /** Longest run of words known from elsewhere. */
  copiedWords(text: string): number;
  abusive(text: string): boolean;
}

/** A judged draft. */
export interface Judged {
  draft: Draft;
  /** Cleaned, ready to stand in the poem. */
  text: string;
  score: number;
  /** Everything that the form demands is there. */
  fits: boolean;
  /** No word that no dictionary knows, none doubled, no line said before. */
  tidy: boolean;
  abusive: boolean;
}

/** Points; log-probabilities count 1 a nat a token. */
const POINTS = {
  cut: -6,
  planned: -4,
  syllable: -1.5,
  unsteady: -0.6,
  rhyme: -5,
  metre: -1.2,
  nonWord: -1.6,
  doubled: -1.5,
  repeatedLine: -8,
  sharedTrigram: -0.4,
  sharedBigram: -0.25,
  sharedContent: -0.12,
  sameInLine: -0.5,
  sameOpening: -0.12,
  sameTwoWords: -0.3,
  plan: 0.15,
  copied: -3,
  theme: 0.5,
  emotion: 0.2,
  initial: -8,
};
/** Lines likelier than this (nats a token) are stock phrases: more of it is no merit. */
const LIKELY = -1.8;
/** A line that repeats so much is written again. */
const UNTIDY = -2.5;
/** A line with a run of this many words known from elsewhere is not ours. */
const COPIED_RUN = 5;

/** Judges one draft whose text was cleaned to `text`. */
export function judge(draft: Draft, text: string, by: Judge): Judged {
  const words = wordsIn(text);
  const form = formFaults(draft, text, by);
  const unknown = words.filter((word) => !by.theme.has(word) && !by.prosody.isKnown(word)).length;
  const doubled = words.filter((word, at) => at > 0 && word === words[at - 1]).length;
  const repeated = repetition(words, by.earlier);
  let score = Math.min(LIKELY, mean(draft.logProbs)) + POINTS.plan * draft.planLogProb + form + repeated;
  score += POINTS.nonWord * unknown + POINTS.doubled * doubled;
  if (by.copiedWords(text) >= COPIED_RUN) score += POINTS.copied;
  if (words.some((word) => by.theme.has(word))) score += POINTS.theme;
  score += POINTS.emotion * words.reduce((sum, word) => sum + (by.emotion.get(word) ?? 0), 0);
  return {
    draft,
    text,
    score,
    fits: form === 0 && words.length > 0,
    tidy: unknown + doubled === 0 && repeated > UNTIDY,
    abusive: by.abusive(text),
  };
}

function formFaults(draft: Draft, text: string, { prosody, slot, partners, near }: Judge): number {
  let points = draft.ended ? 0 : POINTS.cut;
  const last = prosody.endWord(text);
  if (draft.planned !== undefined && last !== draft.planned) points += POINTS.planned;
  if (slot.syllables !== undefined) points += POINTS.syllable * Math.abs(prosody.syllables(text) - slot.syllables);
  if (slot.syllables !== undefined && !prosody.isSteady(text)) points += POINTS.unsteady;
  const rhymes = partners.every((partner) => {
    const kind = prosody.rhymeOf(last, partner);
    return kind === 'perfect' || (near && kind === 'near');
  });
  if (!rhymes) points += POINTS.rhyme;
  if (slot.metre !== undefined && !prosody.fitsMetre(text, slot.metre)) points += POINTS.metre;
  if (slot.acrostic !== undefined && firstLetter(text) !== slot.acrostic) points += POINTS.initial;
  return points;
}

function repetition(words: readonly string[], earlier: readonly string[]): number {
  let points = 0;
  const flat = words.join(' ');
  const content = words.filter(isContent);
  const distinct = new Set(content);
  points += POINTS.sameInLine * (content.length - distinct.size);
  const own = { bigrams: ngrams(words, 2), trigrams: ngrams(words, 3) };
  earlier.forEach((line, at) => {
    const others = wordsIn(line);
    if (others.join(' ') === flat) points += POINTS.repeatedLine;
    points += POINTS.sharedTrigram * shared(own.trigrams, ngrams(others, 3));
    points += POINTS.sharedBigram * shared(own.bigrams, ngrams(others, 2));
    points += POINTS.sharedContent * shared(distinct, new Set(others));
    const near = earlier.length - at <= 3;
    if (near && others[0] === words[0]) points += POINTS.sameOpening;
    if (others[0] === words[0] && others[1] === words[1]) points += POINTS.sameTwoWords;
  });
  return points;
}

function shared(own: ReadonlySet<string>, others: ReadonlySet<string>): number {
  let count = 0;
  for (const gram of own) if (others.has(gram)) count++;
  return count;
}

function ngrams(words: readonly string[], n: number): Set<string> {
  const grams = new Set<string>();
  for (let i = 0; i + n <= words.length; i++) grams.add(words.slice(i, i + n).join(' '));
  return grams;
}
