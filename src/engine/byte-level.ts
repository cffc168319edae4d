/** GPT-2's byte-level alphabet: every byte is one printable character, so that merges can be kept as text. */

function buildAlphabet(): Map<string, number> {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  const alphabet = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    alphabet.set(String.fromCharCode(printable(byte) ? byte : next), byte);
    if (!printable(byte)) next += 1;
  }
  return alphabet;
}

const BYTES = buildAlphabet();
/** The character of each byte. */
export const ALPHABET: readonly string[] = [...BYTES.keys()];
const utf8 = new TextEncoder();

/** The bytes that a token of the vocabulary spells; characters outside the alphabet stand for their own UTF-8. */
export function bytesOfToken(token: string): number[] {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = BYTES.get(character);
    if (byte === undefined) bytes.push(...utf8.encode(character));
    else bytes.push(byte);
  }
  return bytes;
}
