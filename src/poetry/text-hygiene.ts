/** What text from outside may hold: no lone surrogates, no control characters, no direction overrides, no model tokens. */

const LONE_SURROGATE = /\p{Surrogate}/u;
// Controls (without line feed), soft hyphen, zero-width and direction marks, line separators, object marks.
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffc]/gu;
const TOKEN = /<\|[\w-]{1,40}\|>/g;
const TOKEN_MARK = /<\|+|\|+>/g;

/** Whether the text holds half of a surrogate pair, which no encoding can carry. */
export function hasLoneSurrogate(text: string): boolean {
  return LONE_SURROGATE.test(text);
}

/**
 * The text without control characters, invisible marks and direction overrides; tabs and other line breaks become
 * spaces, `\n` stays. Spellings of special tokens (`<|line|>`) and loose marks of them (`<|`, `|>`) become spaces.
 */
export function stripUnseen(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\t\v\f\u0085\u2028\u2029]/g, ' ')
    .replace(UNSEEN, '')
    .replace(TOKEN, ' ')
    .replace(TOKEN_MARK, ' ');
}

/** {@link stripUnseen}, on one line, with single spaces. */
export function oneLine(text: string): string {
  return stripUnseen(text).replace(/\s+/g, ' ').trim();
}
