import { readFileSync } from 'node:fs';
import { EMOTIONS, type Emotion } from '../../src/poetry/types.ts';
import { wordsOf } from './measures.ts';

interface ClassifierFile {
  classes: Emotion[];
  words: string[];
  scale: number;
  bias: number[];
  weights: string;
}

/** The emotion that a text shows, by the classifier that generation never uses (its format: training/README.md). */
export function loadClassifier(file: string): (text: string) => Emotion {
  const { classes, words, scale, bias, weights } = JSON.parse(readFileSync(file, 'utf8')) as ClassifierFile;
  const table = Int8Array.from(Buffer.from(weights, 'base64'));
  const index = new Map(words.map((word, at) => [word, at]));
  return (text) => {
    const counts = new Map<number, number>();
    for (const word of wordsOf(text)) {
      const at = index.get(word);
      if (at !== undefined) counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    const values = [...counts].map(([at, count]) => [at, 1 + Math.log(count)] as const);
    const norm = Math.hypot(...values.map(([, value]) => value)) || 1;
    const scores = classes.map((_, k) => bias[k]! + scale * values.reduce((sum, [at, value]) => sum + (value / norm) * table[at * classes.length + k]!, 0));
    return classes[scores.indexOf(Math.max(...scores))]!;
  };
}

/** [asked][found] counts of the nine emotions. */
export function confusion(pairs: readonly (readonly [Emotion, Emotion])[]): number[][] {
  const table = EMOTIONS.map(() => EMOTIONS.map(() => 0));
  for (const [asked, found] of pairs) table[EMOTIONS.indexOf(asked)]![EMOTIONS.indexOf(found)]! += 1;
  return table;
}

/** The confusion table as an SVG picture: rows asked for, columns found. */
export function confusionPicture(table: readonly (readonly number[])[]): string {
  const cell = 44;
  const left = 110;
  const text = (x: number, y: number, content: string, more = '') => `<text x="${x}" y="${y}" ${more}>${content}</text>`;
  const rows = table.flatMap((row, r) => {
    const total = row.reduce((a, b) => a + b, 0) || 1;
    const y = left + r * cell;
    return [
      text(left - 8, y + 27, EMOTIONS[r]!, 'text-anchor="end"'),
      ...row.map((count, c) => {
        const share = count / total;
        const x = left + c * cell;
        const ink = share > 0.5 ? '#fff' : '#222';
        return `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="#7a4a1e" fill-opacity="${share.toFixed(3)}"/>${text(x + cell / 2, y + 27, String(Math.round(share * 100)), `text-anchor="middle" fill="${ink}"`)}`;
      }),
    ];
  });
  const columns = EMOTIONS.map((name, c) => text(0, 0, name, `transform="translate(${left + c * cell + 26} ${left - 8}) rotate(-60)"`));
  const size = left + EMOTIONS.length * cell + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#fff"/>${[...columns, ...rows].join('')}</svg>\n`;
}
