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
