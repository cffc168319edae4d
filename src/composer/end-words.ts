/** The table of end words, `end-words.json`: by rhyming part a list of words with count and syllables. */

import { VerseletError } from '../errors.ts';
import type { EndWord } from './prosody.ts';

/** @throws VerseletError `integrity` when the bytes are not the table. */
export function parseEndWords(bytes: Uint8Array): EndWord[] {
  let parts: unknown;
  try {
    parts = (JSON.parse(new TextDecoder().decode(bytes)) as { parts?: unknown }).parts;
  } catch (cause) {
    throw new VerseletError('integrity', 'The table of end words is not JSON.', { cause });
  }
  if (typeof parts !== 'object' || parts === null) {
    throw new VerseletError('integrity', 'The table of end words is empty.');
  }
  return Object.entries(parts as Record<string, string>).flatMap(([part, list]) =>
    list.split(',').map((entry) => {
      const [word = '', count, syllables] = entry.split(' ');
      return { word, part, count: Number(count), syllables: Number(syllables) };
    }),
  );
}
