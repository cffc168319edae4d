/** The small tables that ship with the code: rhyming parts by word end, and syllable counts that break the rule. */

import { SUFFIX_RHYMES, SYLLABLE_EXCEPTIONS } from './data/core.ts';

function unpack(packed: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const entry of packed.split(';')) {
    const at = entry.indexOf(':');
    for (const item of entry.slice(at + 1).split(',')) out.set(item, entry.slice(0, at));
  }
  return out;
}

let suffixes: Map<string, string> | undefined;
let exceptions: Map<string, number> | undefined;

/**
 * The rhyming part of a word by its longest listed end: exact for common words, a sound guess for others.
 * @param word folded, lower case, letters only.
 */
export function suffixRhymePart(word: string): string {
  suffixes ??= unpack(SUFFIX_RHYMES);
  const spelled = `^${word}`;
  for (let at = 0; at < spelled.length; at++) {
    const part = suffixes.get(spelled.slice(at));
    if (part !== undefined) return part;
  }
  return `#${word.slice(-3)}`;
}

/** Syllables of words that the vowel-group rule miscounts. */
export function syllableExceptions(): ReadonlyMap<string, number> {
  exceptions ??= new Map([...unpack(SYLLABLE_EXCEPTIONS)].map(([word, count]) => [word, Number(count)]));
  return exceptions;
}
