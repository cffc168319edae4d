/** Words that tell an emotion, for steering; the judge of finished poems is another one. */

import { VerseletError } from '../errors.ts';
import { type Emotion, EMOTIONS } from '../poetry/types.ts';

/** `{emotion: {word: weight 0..1}}`, lower-case words; an emotion may be absent. */
export type EmotionLexicon = Partial<Record<Emotion, Record<string, number>>>;

/** A word of another emotion counts this much of its weight against a line. */
const OTHER = -0.3;

/** @throws VerseletError `integrity` when the bytes are not a lexicon. */
export function parseEmotionLexicon(bytes: Uint8Array): EmotionLexicon {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new VerseletError('integrity', 'The emotion lexicon is not JSON.', { cause });
  }
  if (typeof json !== 'object' || json === null) throw new VerseletError('integrity', 'The emotion lexicon is empty.');
  return json as EmotionLexicon;
}

/** How telling each word is for `emotion`: up to 1 for it, below 0 for another one; nothing for neutral. */
export function emotionWords(lexicon: EmotionLexicon, emotion: Emotion): Map<string, number> {
  const words = new Map<string, number>();
  if (emotion === 'neutral') return words;
  for (const other of EMOTIONS) {
    if (other === emotion) continue;
    for (const [word, weight] of Object.entries(lexicon[other] ?? {})) {
      words.set(word, Math.min(words.get(word) ?? 0, OTHER * weight));
    }
  }
  for (const [word, weight] of Object.entries(lexicon[emotion] ?? {})) words.set(word, weight);
  return words;
}
