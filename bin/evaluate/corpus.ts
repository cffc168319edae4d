import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { wordsOf } from './measures.ts';

/** The files of a corpus folder that models are trained on; the second is optional. */
const FILES = ['train.jsonl.gz', 'verse-extra.jsonl.gz'];
/** Words of a line that is long enough to be called copied, and of the shortest overlap that is looked for. */
const RUN = 5;
const OFTEN = 5;

/** What generated poems are compared with. */
export interface Corpus {
  /** Lines of five or more words, as words joined by one space. */
  lines: ReadonlySet<string>;
  /** Words that occur five times or more. */
  words: ReadonlySet<string>;
}

/** The poems of a corpus folder (`stanzas`: lists of lines), each as its lines' words. */
function* poemsOf(folder: string): Generator<string[][]> {
  for (const name of FILES) {
    const file = `${folder}/${name}`;
    if (name !== FILES[0] && !existsSync(file)) continue;
    for (const row of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
      if (row !== '') yield (JSON.parse(row) as { stanzas: string[][] }).stanzas.flat().map(wordsOf);
    }
  }
}

export function readCorpus(folder: string): Corpus {
  const lines = new Set<string>();
  const counts = new Map<string, number>();
  for (const poem of poemsOf(folder)) {
    for (const words of poem) {
      if (words.length >= RUN) lines.add(words.join(' '));
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return { lines, words: new Set([...counts].filter(([, count]) => count >= OFTEN).map(([word]) => word)) };
}

interface Place {
  poem: number;
  at: number;
}

/**
 * The longest runs of five or more words that each poem shares with a poem of the corpus; runs may cross line ends, and
 * a run inside a longer one at the same place is not told again. Longest first.
 */
export function overlaps(folder: string, poems: readonly (readonly string[])[]): string[][] {
  const texts = poems.map((lines) => lines.flatMap(wordsOf));
  const places = placesOf(texts);
  const longest = texts.map((words) => new Uint16Array(words.length));
  for (const poem of poemsOf(folder)) {
    const words = poem.flat();
    for (let i = 0; i + RUN <= words.length; i++) {
      const second = places.get(words[i]!)?.get(words[i + 1]!);
      for (const { poem: index, at } of second ?? []) {
        const text = texts[index]!;
        let n = 2;
        while (at + n < text.length && text[at + n] === words[i + n]) n += 1;
        if (n >= RUN && n > longest[index]![at]!) longest[index]![at] = n;
      }
    }
  }
  return longest.flatMap((lengths, index) => outermost(lengths).map((at) => texts[index]!.slice(at, at + lengths[at]!))).sort((a, b) => b.length - a.length);
}

/** Where each pair of neighbouring words stands. */
function placesOf(texts: readonly (readonly string[])[]): Map<string, Map<string, Place[]>> {
  const places = new Map<string, Map<string, Place[]>>();
  texts.forEach((words, poem) => {
    for (let at = 0; at + RUN <= words.length; at++) {
      const seconds = places.get(words[at]!) ?? new Map<string, Place[]>();
      places.set(words[at]!, seconds);
      const list = seconds.get(words[at + 1]!) ?? [];
      seconds.set(words[at + 1]!, list);
      list.push({ poem, at });
    }
  });
  return places;
}

/** Starts of the runs that are not the tail of an earlier one. */
function outermost(lengths: Uint16Array): number[] {
  let end = 0;
  return [...lengths.keys()].filter((at) => {
    if (lengths[at] === 0 || at + lengths[at]! <= end) return false;
    end = at + lengths[at]!;
    return true;
  });
}
