/** The poem's title: the caller's, else the model's best, else one made of the poem's own words. */

import { randomStream } from '../engine/random.ts';
import { cleanLine } from '../poetry/punctuation.ts';
import { acceptTitle, titleFor, titlePhrases } from '../poetry/titles.ts';
import type { ParsedRequest } from '../poetry/types.ts';
import { abuseIn } from '../poetry/word-filter.ts';
import type { PoemSoFar } from './dialect.ts';
import { titleBias } from './leaning.ts';
import type { Studio } from './studio.ts';
import { contentWords, isContent, wordsIn } from './words.ts';

/** Streams for titles lie beyond every line's index. */
const TITLE_STREAM = 1000;
const TITLES = 8;
const SAMPLING = { temperature: 0.7, topK: 40, topP: 0.95, minP: 0, repetitionPenalty: 1 };
/** Points, in nats a token, for a title that names something of the poem. */
const OF_THE_POEM = 2.5;
/** Points for each nat that the poem adds to its title: "The Night" suits any poem, and so says nothing of this one. */
const GAIN = 0.25;

/**
 * @param poem the finished poem as a prompt shows it.
 * @throws VerseletError `aborted`, or what the model throws.
 */
export async function writeTitle(
  studio: Studio,
  request: ParsedRequest,
  poem: PoemSoFar,
  signal?: AbortSignal,
): Promise<string> {
  const given = request.title === undefined ? '' : cleanLine(request.title);
  if (given !== '') return given;
  const lines = poem.lines.map((line) => line.text);
  const told = new Set(contentWords([...lines, poem.theme ?? ''].join(' ')));
  const greedy = request.topK === 1;
  const streams = Array.from({ length: greedy ? 1 : TITLES }, (_, at) => randomStream(request.seed, TITLE_STREAM, at));
  const bias = titleBias(studio.vocabulary, [...lines, poem.theme ?? '']);
  const wish = { bias, sampling: { ...SAMPLING, topK: greedy ? 1 : SAMPLING.topK }, streams, phrases: titlePhrases(lines) };
  const drafts = await studio.dialect.titles(poem, wish, signal);
  let best: { title: string; score: number } | undefined;
  for (const { text, score, gain } of drafts) {
    const title = acceptTitle(text, lines);
    if (title === undefined || abuseIn(title).length > 0) continue;
    const words = contentWords(title);
    if (words.length === 0 || words.some((word) => !studio.prosody.isKnown(word) || /'(?!s$)/.test(word))) continue;
    // "The Sun of Suns" is no title, and neither is "Love and Love".
    const stems = wordsIn(title).filter(isContent).map((word) => word.replace(/'?s$/, ''));
    if (new Set(stems).size < stems.length) continue;
    const points = score + GAIN * gain + (words.some((word) => told.has(word)) ? OF_THE_POEM : 0);
    if (best === undefined || points > best.score) best = { title, score: points };
  }
  return best?.title ?? titleFor(lines.join('\n'));
}
