/** Words of a line, as the model's training counted them (`prosody.py`): apostrophes and hyphens belong to a word. */

const WORD = /'?[A-Za-zÀ-ÿ]+(?:['-][A-Za-zÀ-ÿ]+)*'?/g;
const COMBINING = /\p{M}+/gu;
/** What nearly all words are, and needs none of the steps below. */
const PLAIN = /^[a-z]+$/;

/** Curly apostrophes made straight, so that every table needs one spelling only. */
export function straighten(text: string): string {
  return text.replace(/[‘’ʼ]/g, "'");
}

/** The words of a line in order, as written (apostrophes straight). */
export function wordsOf(line: string): string[] {
  if (PLAIN.test(line)) return [line];
  return straighten(line.normalize('NFC')).match(WORD) ?? [];
}

/** Lower case, without accents: `Blessèd` gives `blessed`. */
export function fold(word: string): string {
  if (PLAIN.test(word)) return word;
  return straighten(word.toLowerCase()).normalize('NFD').replace(COMBINING, '');
}

/** Without the apostrophes around it: `'tis'` gives `tis`. */
export function stripApostrophes(word: string): string {
  if (!word.includes("'")) return word;
  return word.replace(/^'+|'+$/g, '');
}

/**
 * The last word of a line, lower case, accents kept; of a hyphenated word the last part; without outer apostrophes.
 * @returns '' where the line has no word.
 */
export function endWord(line: string): string {
  const last = wordsOf(line).at(-1);
  if (last === undefined) return '';
  return stripApostrophes(last.toLowerCase().split('-').at(-1) ?? '');
}

/** The last word as a key for tables: {@link endWord} without accents. */
export function endKey(line: string): string {
  return fold(endWord(line));
}
