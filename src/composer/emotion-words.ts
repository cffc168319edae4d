/** Words that tell an emotion, for steering; the judge of finished poems is another one. */

import { type EmotionLexicon, WHEEL } from '../poetry/emotions.ts';
import type { Emotion } from '../poetry/types.ts';

/** A word of another emotion counts this much of its weight against a line. */
const OTHER = -0.3;

/** How telling each word is for `emotion`: above 0 for it, below 0 for another one; nothing for neutral. */
export function emotionWords(lexicon: EmotionLexicon, emotion: Emotion): Map<string, number> {
  const words = new Map<string, number>();
  if (emotion === 'neutral') return words;
  for (const other of WHEEL) {
    if (other === emotion) continue;
    for (const word of lexicon.words(other)) {
      words.set(word, Math.min(words.get(word) ?? 0, OTHER * lexicon.weight(word, other)));
    }
  }
  for (const word of lexicon.words(emotion)) words.set(word, lexicon.weight(word, emotion));
  return words;
}
