/** Measures over poems, as the design defines them: none of them asks the model. */

/** Lower-case words without outer punctuation. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().replaceAll('’', "'").match(/[a-z]+(?:'[a-z]+)*/g) ?? [];
}

function grams(words: readonly string[], n: number): string[] {
  return words.slice(0, Math.max(0, words.length - n + 1)).map((_, at) => words.slice(at, at + n).join(' '));
}

/** Share of different n-grams among all n-grams of the poems, lines taken one by one. */
export function distinct(poems: readonly (readonly string[])[], n: number): number {
  const all = poems.flatMap((lines) => lines.flatMap((line) => grams(wordsOf(line), n)));
  return all.length === 0 ? 1 : new Set(all).size / all.length;
}

/** Share of lines that say what an earlier line of the same poem says; `refrains` are indices that must repeat. */
export function repeatedLines(poems: readonly { lines: readonly string[]; refrains: ReadonlySet<number> }[]): number {
  let [repeated, total] = [0, 0];
  for (const { lines, refrains } of poems) {
    const seen = new Set<string>();
    lines.forEach((line, index) => {
      const key = wordsOf(line).join(' ');
      if (!refrains.has(index)) {
        total += 1;
        if (seen.has(key)) repeated += 1;
      }
      seen.add(key);
    });
  }
  return total === 0 ? 0 : repeated / total;
}

/** Mean BLEU-4 of each poem against the others (add-one smoothed precisions), on at most `most` poems. */
export function selfBleu(poems: readonly (readonly string[])[], most = 100): number {
  const texts = poems.slice(0, most).map((lines) => wordsOf(lines.join(' ')));
  if (texts.length < 2) return 0;
  const counts = texts.map((words) => [1, 2, 3, 4].map((n) => countOf(grams(words, n))));
  const scores = texts.map((words, index) => {
    const precisions = [1, 2, 3, 4].map((n) => {
      let [matched, total] = [0, 0];
      for (const [gram, count] of counts[index]![n - 1]!) {
        const best = Math.max(...counts.map((other, at) => (at === index ? 0 : (other[n - 1]!.get(gram) ?? 0))));
        matched += Math.min(count, best);
        total += count;
      }
      return (matched + 1) / (total + 1);
    });
    const nearest = Math.min(...texts.flatMap((other, at) => (at === index ? [] : [Math.abs(other.length - words.length) * 1e6 + other.length]))) % 1e6;
    const brevity = words.length >= nearest ? 1 : Math.exp(1 - nearest / Math.max(1, words.length));
    return brevity * Math.exp(precisions.reduce((sum, p) => sum + Math.log(p), 0) / 4);
  });
  return scores.reduce((a, b) => a + b, 0) / scores.length;
}

function countOf(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** Pairs of lines that a scheme wants rhymed: each line with the last one of its letter. */
export function rhymePairs(scheme: string): [number, number][] {
  const last = new Map<string, number>();
  const pairs: [number, number][] = [];
  [...scheme].forEach((letter, index) => {
    if (letter === '-') return;
    if (last.has(letter)) pairs.push([last.get(letter)!, index]);
    last.set(letter, index);
  });
  return pairs;
}

const FUNCTION_WORDS = new Set(
  'a an and are as at be but by do for from had has have he her him his i in is it its me my no nor not o of on or our she so that the their them they this thou thy to us was we were with you your'.split(' '),
);

/** Words that may return at will: the list of training/recipe/serialize.py. */
const LIGHT = new Set(
  (
    'that with this from they them their there then than when where what which whom whose would could should have hath ' +
    'were been your thou thee thine shall will into upon only must more most some such like very even though through till ' +
    'still ever never these those over under before after while again the and for but not you all her him his she our out ' +
    'who was are had has can may did its now one how why yet nor too off own let say said see saw such thy thus hath doth ' +
    'any ere oft ye upon about because'
  ).split(' '),
);

/** Whether a word (lower case) carries meaning. */
export function isContentWord(word: string): boolean {
  return word.length > 2 && !LIGHT.has(word);
}

/** A title of 1–8 words that is not the first line and shares a content word with the poem. */
export function titleFits(title: string, lines: readonly string[]): boolean {
  const words = wordsOf(title);
  if (words.length < 1 || title.trim().split(/\s+/).length > 8 || words.join(' ') === wordsOf(lines[0] ?? '').join(' ')) return false;
  const stem = (word: string) => word.replace(/'s$|(?:es|s|ed|ing)$/, '');
  const text = new Set(wordsOf(lines.join(' ')).map(stem));
  return words.some((word) => !FUNCTION_WORDS.has(word) && text.has(stem(word)));
}
