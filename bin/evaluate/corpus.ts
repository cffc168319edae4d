import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { wordsOf } from './measures.ts';

/** Lines of five or more words of a folder's train.jsonl.gz (`stanzas`: lists of lines), as words joined by one space. */
export function corpusLines(folder: string): Set<string> {
  const lines = new Set<string>();
  for (const row of gunzipSync(readFileSync(`${folder}/train.jsonl.gz`)).toString('utf8').split('\n')) {
    if (row === '') continue;
    for (const line of (JSON.parse(row) as { stanzas: string[][] }).stanzas.flat()) {
      const words = wordsOf(line);
      if (words.length >= 5) lines.add(words.join(' '));
    }
  }
  return lines;
}
