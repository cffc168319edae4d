/**
 * npm run evaluate -- [--poems N] [--seed S] [--forms a,b] [--model ID|URL] [--corpus DIR] [--baseline] [--out DIR]
 *
 * The poem-quality table: N poems a form (emotions in turn) and N poems an emotion, written by the real composer on this
 * machine. --baseline writes the same with one free sample a poem and no help with form. --corpus (a folder with
 * train.jsonl.gz) counts copied lines word for word; without it the packed copy guard answers, which overstates.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dictionary } from '../../src/poetry/dictionary.ts';
import { layoutOf } from '../../src/poetry/layout.ts';
import { createProsody } from '../../src/poetry/prosody.ts';
import { parseRequest } from '../../src/poetry/request.ts';
import { EMOTIONS, FORM_NAMES, type Emotion, type FormName, type Poem } from '../../src/poetry/types.ts';
import { createLocalComposer } from '../../src/worker/local-composer.ts';
import { confusion, confusionPicture, loadClassifier } from './classifier.ts';
import { corpusLines } from './corpus.ts';
import { distinct, repeatedLines, rhymePairs, selfBleu, titleFits, wordsOf } from './measures.ts';

const { values } = parseArgs({
  options: {
    poems: { type: 'string', default: '9' },
    seed: { type: 'string', default: '1000' },
    forms: { type: 'string', default: FORM_NAMES.join(',') },
    model: { type: 'string' },
    corpus: { type: 'string' },
    baseline: { type: 'boolean', default: false },
    out: { type: 'string', default: '.cache/evaluate' },
  },
});

const prosody = createProsody(dictionary);
const composer = await createLocalComposer(values.model ? { model: values.model } : {});
const count = Number(values.poems);
const firstSeed = Number(values.seed);
const known = values.corpus ? corpusLines(values.corpus) : undefined;

interface Judged {
  poem: Poem;
  form: FormName;
  lines: string[];
  pairs: { wanted: number; kept: number };
  syllables: { wanted: number; kept: number };
  metre: { wanted: number; kept: number };
  refrains: Set<number>;
}

/** The request of a poem in a form; for the baseline one free sample of as many lines. */
function requestFor(form: FormName, emotion: Emotion, seed: number) {
  const lines = layoutOf(parseRequest({ form, seed }, () => 0)).slots.length;
  return values.baseline ? { emotion, seed, lines, candidates: 1, topK: 50, topP: 0.95 } : { form, emotion, seed };
}

function judge(poem: Poem, form: FormName): Judged {
  const layout = layoutOf(parseRequest({ form, seed: 0 }, () => 0));
  const lines = poem.stanzas.flat();
  const { slots } = layout;
  const refrains = new Set(slots.filter((slot) => slot.refrainOf !== undefined).map((slot) => slot.index));
  const pairs = rhymePairs(layout.scheme).filter(([a, b]) => !refrains.has(b) && a < lines.length && b < lines.length);
  const tally = (wanted: number, fits: (index: number) => boolean) => ({ wanted, kept: slots.filter((slot) => fits(slot.index)).length });
  return {
    poem,
    form,
    lines,
    refrains,
    pairs: { wanted: pairs.length, kept: pairs.filter(([a, b]) => prosody.rhymeOf(lines[a]!, lines[b]!) === 'perfect').length },
    syllables: tally(slots.filter((slot) => slot.syllables !== undefined).length, (i) => slots[i]!.syllables !== undefined && prosody.syllables(lines[i] ?? '') === slots[i]!.syllables),
    metre: tally(slots.filter((slot) => slot.metre !== undefined).length, (i) => slots[i]!.metre !== undefined && prosody.fitsMetre(lines[i] ?? '', slots[i]!.metre!)),
  };
}

async function write(form: FormName, emotion: Emotion, seed: number): Promise<Judged> {
  return judge(await composer.compose(requestFor(form, emotion, seed)), form);
}

const percent = ({ kept, wanted }: { kept: number; wanted: number }) => (wanted === 0 ? '–' : `${((100 * kept) / wanted).toFixed(1)} %`);
const share = (kept: number, wanted: number) => percent({ kept, wanted });
const sum = (judged: readonly Judged[], key: 'pairs' | 'syllables' | 'metre') => ({
  wanted: judged.reduce((total, { [key]: part }) => total + part.wanted, 0),
  kept: judged.reduce((total, { [key]: part }) => total + part.kept, 0),
});
const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / (numbers.length || 1);

function copied(judged: readonly Judged[]): string {
  const lines = judged.flatMap((one) => one.lines).map(wordsOf).filter((words) => words.length >= 5);
  if (!known) return share(judged.filter(({ poem }) => poem.checks.copiedWords >= 5).length, judged.length);
  return share(lines.filter((words) => known.has(words.join(' '))).length, lines.length);
}

function row(name: string, judged: readonly Judged[]): string {
  const poems = judged.map(({ lines }) => lines);
  const cells = [
    name,
    judged.length,
    percent(sum(judged, 'pairs')),
    percent(sum(judged, 'syllables')),
    percent(sum(judged, 'metre')),
    mean(judged.map(({ poem }) => poem.checks.nllPerToken)).toFixed(2),
    `${distinct(poems, 2).toFixed(2)} / ${distinct(poems, 3).toFixed(2)}`,
    `${(100 * repeatedLines(judged)).toFixed(1)} %`,
    copied(judged),
    selfBleu(poems).toFixed(3),
    share(judged.filter(({ poem, lines }) => titleFits(poem.title, lines)).length, judged.length),
    mean(judged.map(({ poem }) => poem.timings.totalMs / 1000)).toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

const classify = loadClassifier('training/classifier/emotion-classifier.json');
const all: Judged[] = [];
const table = [
  `| form | poems | rhyme kept | syllables kept | metre kept | NLL a token | distinct-2 / -3 | repeated lines | ${known ? 'copied lines' : 'flagged by the guard'} | self-BLEU-4 | title fits | s a poem |`,
  '|---|---|---|---|---|---|---|---|---|---|---|---|',
];
for (const form of values.forms.split(',') as FormName[]) {
  const judged: Judged[] = [];
  for (let n = 0; n < count; n++) judged.push(await write(form, EMOTIONS[n % EMOTIONS.length]!, firstSeed + n));
  table.push(row(form, judged));
  all.push(...judged);
}
table.push(row('**all**', all));

const asked: [Emotion, Emotion][] = [];
for (const emotion of EMOTIONS) {
  for (let n = 0; n < count; n++) {
    const { poem } = await write('quatrains', emotion, firstSeed + 500 + n);
    asked.push([emotion, classify(poem.text)]);
  }
}
const agreement = share(asked.filter(([a, b]) => a === b).length, asked.length);
const { model } = composer;
const report = [
  `Model ${model.id} (${model.dtype}, ${model.revision}), ${values.baseline ? 'plain sampling, no help with form' : 'the composer'}; ${count} poems a form, seeds from ${firstSeed}.`,
  '',
  ...table,
  '',
  `Emotion: a classifier that generation does not use finds the emotion asked for in ${agreement} of ${asked.length} poems in quatrains (chance 11 %).`,
].join('\n');
mkdirSync(values.out, { recursive: true });
const suffix = values.baseline ? '-baseline' : '';
writeFileSync(join(values.out, `evaluate${suffix}.md`), `${report}\n`);
writeFileSync(join(values.out, `emotions${suffix}.svg`), confusionPicture(confusion(asked)));
writeFileSync(join(values.out, `poems${suffix}.md`), all.map(({ poem }) => `## ${poem.title}\n\n${poem.form}, ${poem.emotion}, seed ${poem.seed}\n\n${poem.text}\n`).join('\n'));
console.log(report);
await composer.dispose();
