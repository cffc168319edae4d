/** A poem's text and its forms on paper. Clock and randomness are the caller's. */

import type { Poem } from './types.ts';

/** Lines joined by `\n`, a blank line between stanzas; empty stanzas leave no trace. */
export function textOf(stanzas: readonly (readonly string[])[]): string {
  return stanzas
    .filter((stanza) => stanza.length > 0)
    .map((stanza) => stanza.join('\n'))
    .join('\n\n');
}

/** The stanzas of a text: lines without the spaces around them, split at blank lines. Undoes {@link textOf}. */
export function stanzasOf(text: string): string[][] {
  return text
    .split(/\r?\n\s*\n/)
    .map((stanza) =>
      stanza
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter(Boolean),
    )
    .filter((stanza) => stanza.length > 0);
}

const escapeMarkdown = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>#|~]/g, '\\$&').replace(/^(\s*)(\d*)([-+.)])(?=\s)/, '$1$2\\$3');

/** The poem as Markdown: a heading, and lines that keep their breaks. */
export function toMarkdown(poem: Pick<Poem, 'title' | 'stanzas'>): string {
  const stanzas = poem.stanzas.map((stanza) => stanza.map(escapeMarkdown).join('  \n'));
  return `${[`## ${escapeMarkdown(poem.title)}`, ...stanzas].join('\n\n')}\n`;
}

/** A 53-bit hash of a text (cyrb53's mixing), as 11 characters of base 36. */
function shortHash(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36).padStart(11, '0');
}

/** An id for a poem, `p` and letters and digits: the same poem written at another time has another one. */
export function poemId(poem: Pick<Poem, 'text' | 'seed' | 'createdAt'>): string {
  return `p${shortHash(`${poem.createdAt}\n${poem.seed}\n${poem.text}`)}`;
}
