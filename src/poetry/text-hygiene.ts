/** What text from outside may hold: no lone surrogates, no control characters, no direction overrides, no model tokens. */

const LONE_SURROGATE = /\p{Surrogate}/u;
// Controls (without line feed), soft hyphen, zero-width and direction marks, line separators, byte-order mark, specials.
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc]/g;
const TOKEN_MARK = /<\|+|\|+>/g;

/** Whether the text holds half of a surrogate pair, which no encoding can carry. */
export function hasLoneSurrogate(text: string): boolean {
  return LONE_SURROGATE.test(text);
}

/**
 * The text without control characters, invisible marks and direction overrides; tabs and other line breaks become
 * spaces, `\n` stays. The marks of special tokens (`<|` and `|>`) become spaces, so that no spelling of one is left.
 */
export function stripUnseen(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\t\v\f\u0085\u2028\u2029]/g, ' ')
    .replace(UNSEEN, '')
    .replace(TOKEN_MARK, ' ');
}

/** {@link stripUnseen}, on one line, with single spaces. */
export function oneLine(text: string): string {
  return stripUnseen(text).replace(/\s+/g, ' ').trim();
}
