/**
 * Text of an address on one line: control characters, line breaks and lone surrogates become spaces; marks that turn the
 * direction of what follows are left out, so that a link cannot make the page say something else than it holds.
 */
export function plainLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
}
