/** The composer's {@link Prosody} over poetry's tables. */

import { rhymePartOf, stressDigits } from '../poetry/phonemes.ts';
import type { Pronunciations } from '../poetry/pronunciation.ts';
import { SyllableCounter } from '../poetry/syllables.ts';
import { endKey, fold, stripApostrophes, wordsOf } from '../poetry/words.ts';
import type { EndWord, Prosody, RhymeKind } from './prosody.ts';

export function createProsody(dictionary: Pronunciations, table: Record<string, [number, string, number]>): Prosody {
  const counter = new SyllableCounter(dictionary);
  const memo = new Map<string, string | undefined>();
  const say = (word: string): string | undefined => {
    if (!memo.has(word)) memo.set(word, dictionary.lookup(word)[0]);
    return memo.get(word);
  };
  const stress = (word: string): number => {
    const digits = stressDigits(say(word) ?? '1');
    return Math.max(0, digits.indexOf('1'));
  };
  const endWords: EndWord[] = Object.entries(table)
    .filter(([word, [, part]]) => say(word) !== undefined && rhymePartOf(say(word)!) === part)
    .map(([word, [count, part, syllables]]) => ({ word, count, part, syllables, stress: stress(word) }));
  const known = (raw: string): boolean => {
    const word = stripApostrophes(fold(raw));
    if (word === '') return false;
    if (say(word) !== undefined) return true;
    const at = word.lastIndexOf("'");
    if (at < 0) return false;
    if (['d', 's', 'll', 're', 've', 't', 'm', 'st'].includes(word.slice(at + 1)) && say(word.slice(0, at))) return true;
    return [word.replace("'", 'e'), word.replace("'", 'v'), word.replace("'", '')].some((x) => say(x) !== undefined);
  };
  const part = (word: string): string => (say(word) === undefined ? `?${word}` : rhymePartOf(say(word)!));
  const rhymeOf = (a: string, b: string): RhymeKind => (a === b ? 'identical' : part(a) === part(b) ? 'perfect' : 'none');
  const fitsMetre = (line: string): boolean => {
    let at = 0;
    for (const word of wordsOf(line)) {
      const n = counter.ofWord(word);
      const s = stress(fold(stripApostrophes(word)));
      if (n > 1 && at > 0 && (at + s) % 2 === 0) return false;
      if (n > 1 && at === 0 && s > 0 && s % 2 === 0) return false;
      at += n;
    }
    return true;
  };
  return {
    syllables: (text) => counter.ofLine(text),
    known,
    primaryStress: (word) => stress(fold(stripApostrophes(word))),
    rhymePart: part,
    rhymeOf,
    fitsMetre,
    endWord: (line) => endKey(line),
    endWords,
  };
}
