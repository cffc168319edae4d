/** Words of a text, and which of them carry meaning. */

const WORDS = /\p{L}[\p{L}'’]*/gu;

/** Function words, which may return at will. */
const LIGHT = new Set(
  (
    'the and for but not you his her our are was has had its all any can who why how one nor yet did may out off let too ' +
    'him she they them that with this from their there then than when where what which whom whose would could should ' +
    'have hath were been your thou thee thine thy shall will into upon only must more most some such like very even ' +
    'though through still ever never these those over under before after while again about ours whence until unto both ' +
    'each just doth dost art wast hast'
  ).split(' '),
);

/** Words in lower case, apostrophes straight. */
export function wordsIn(text: string): string[] {
  return text.toLowerCase().replace(/’/g, "'").match(WORDS) ?? [];
}

/** Whether a word (lower case) carries meaning. */
export function isContent(word: string): boolean {
  return word.length > 2 && !LIGHT.has(word);
}

/** Words of a text that carry meaning, in order, each once. */
export function contentWords(text: string): string[] {
  return [...new Set(wordsIn(text).filter(isContent))];
}
