import type { Emotion } from '../poetry/types.ts';

/** The nine emotions as Plutchik's wheel folded into three rows: opposites face each other across neutral. */
export const WHEEL: readonly Emotion[] = [
  'joy',
  'trust',
  'fear',
  'anticipation',
  'neutral',
  'surprise',
  'anger',
  'disgust',
  'sadness',
];

interface Tint {
  /** Degrees of oklch hue. */
  hue: number;
  /** Factor on every chroma of the page; the largest is 0.12. */
  chroma: number;
}

/** One hue an emotion, in oklch. */
export const TINTS: Readonly<Record<Emotion, Tint>> = {
  joy: { hue: 92, chroma: 1 },
  trust: { hue: 138, chroma: 0.85 },
  fear: { hue: 172, chroma: 0.75 },
  anticipation: { hue: 62, chroma: 1 },
  neutral: { hue: 80, chroma: 0.3 },
  surprise: { hue: 222, chroma: 0.85 },
  anger: { hue: 27, chroma: 1 },
  disgust: { hue: 322, chroma: 0.85 },
  sadness: { hue: 262, chroma: 0.9 },
};

/** Tints `target` and all it holds: every colour of the page is computed from these two properties. */
export function applyTint(target: HTMLElement, emotion: Emotion): void {
  const { hue, chroma } = TINTS[emotion];
  target.style.setProperty('--verselet-hue', String(hue));
  target.style.setProperty('--verselet-chroma', String(chroma));
}
