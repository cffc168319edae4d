/** Plutchik's eight emotions and the neutral one: order, opposites, and how a plain model is asked for them. */

import type { Emotion } from './types.ts';

/** One emotion's row. */
export interface EmotionRow {
  /** The emotion across the wheel; neutral is its own. */
  opposite: Emotion;
  /** What a plain model's prompt says the poem is. */
  adjective: string;
  /** Scenes that set the tone of a few-shot prompt. */
  scene: string;
}

/** In the order of the wheel, neutral last. */
export const EMOTION_ROWS: Readonly<Record<Emotion, EmotionRow>> = {
  joy: { opposite: 'sadness', adjective: 'joyful', scene: 'a bright morning of laughter and song' },
  trust: { opposite: 'disgust', adjective: 'trusting', scene: 'a faithful friend and a hand to hold' },
  fear: { opposite: 'anger', adjective: 'fearful', scene: 'footsteps in the dark and a cold dread' },
  surprise: { opposite: 'anticipation', adjective: 'astonished', scene: 'a sudden wonder that no one foresaw' },
  sadness: { opposite: 'joy', adjective: 'sorrowful', scene: 'tears, a grave, and the autumn rain' },
  disgust: { opposite: 'trust', adjective: 'disgusted', scene: 'rot, filth and a bitter taste' },
  anger: { opposite: 'fear', adjective: 'angry', scene: 'rage, a clenched fist and a burning wrong' },
  anticipation: { opposite: 'surprise', adjective: 'expectant', scene: 'waiting at the window for tomorrow' },
  neutral: { opposite: 'neutral', adjective: 'quiet', scene: 'a plain view of the fields and the road' },
};

/** The wheel's order, neutral last. */
export const WHEEL = Object.keys(EMOTION_ROWS) as Emotion[];

/** A heading for a plain model that has no token for the emotion, with the theme where there is one. */
export function plainPrompt(emotion: Emotion, theme?: string): string {
  const { adjective, scene } = EMOTION_ROWS[emotion];
  const article = /^[aeiou]/.test(adjective) ? 'An' : 'A';
  return theme ? `${article} ${adjective} poem about ${theme}, with ${scene}:` : `${article} ${adjective} poem of ${scene}:`;
}

/** Words with a weight for each emotion: how much likelier they are in its poems (natural logarithm). */
export interface EmotionLexicon {
  /** The weight of a word for an emotion; 0 where nothing is known. */
  weight(word: string, emotion: Emotion): number;
  /** Words with a weight above 0 for an emotion, the heaviest first. */
  words(emotion: Emotion): readonly string[];
}

/** `{emotion: {word: weight}}`, as the lexicon's file has it. */
export type EmotionLexiconData = Partial<Record<Emotion, Record<string, number>>>;

/** A lexicon over its file's data; what is not a number is passed over. */
export function loadEmotionLexicon(data: EmotionLexiconData): EmotionLexicon {
  const tables = new Map<Emotion, ReadonlyMap<string, number>>();
  const tableOf = (emotion: Emotion): ReadonlyMap<string, number> => {
    let table = tables.get(emotion);
    if (!table) {
      const entries = Object.entries(data[emotion] ?? {}).filter(([, weight]) => Number.isFinite(weight));
      tables.set(emotion, (table = new Map(entries.sort((a, b) => b[1] - a[1]))));
    }
    return table;
  };
  return {
    weight: (word, emotion) => tableOf(emotion).get(word.toLowerCase()) ?? 0,
    words: (emotion) => [...tableOf(emotion)].filter(([, weight]) => weight > 0).map(([word]) => word),
  };
}
