import { describe, expect, it } from 'vitest';
import { EMOTION_ROWS, loadEmotionLexicon, plainPrompt, WHEEL } from './emotions.ts';
import { EMOTIONS } from './types.ts';

describe('the wheel', () => {
  it('holds the nine, each across from its opposite, neutral last', () => {
    expect([...WHEEL].sort()).toEqual([...EMOTIONS].sort());
    expect(WHEEL.at(-1)).toBe('neutral');
    for (const [at, emotion] of WHEEL.slice(0, 8).entries()) {
      expect(EMOTION_ROWS[emotion].opposite).toBe(WHEEL[(at + 4) % 8]);
    }
  });

  it('gives a plain model a heading, with the theme where there is one', () => {
    expect(plainPrompt('anger')).toMatch(/^An angry poem of .*:$/);
    expect(plainPrompt('joy', 'the sea')).toMatch(/^A joyful poem about the sea, .*:$/);
  });
});

describe('loadEmotionLexicon', () => {
  const lexicon = loadEmotionLexicon(JSON.parse('{"joy":{"sing":1.5,"tears":-2,"bad":"x","laugh":2},"__proto__":{"a":1}}'));

  it('weighs words, and lists the telling ones', () => {
    expect(lexicon.weight('SING', 'joy')).toBe(1.5);
    expect(lexicon.weight('sing', 'fear')).toBe(0);
    expect(lexicon.weight('constructor', 'joy')).toBe(0);
    expect(lexicon.words('joy')).toEqual(['laugh', 'sing']);
    expect(lexicon.words('trust')).toEqual([]);
  });
});
