/**
 * npm run evaluate -- [--poems N] [--seed S] [--forms a,b|none] [--model ID|URL] [--corpus DIR]
 *   [--documents N] [--baseline] [--out DIR]
 *
 * The poem-quality table: N poems a form (emotions in turn) and N eight-line poems an emotion, written by the real
 * composer on this machine; the words of the latter; and what packing costs on held-out poems (--documents of them, 0
 * for none). --forms none leaves the table out. --baseline writes the same with one free sample a poem and no help with
 * form. --corpus (a folder with train.jsonl.gz) counts copied lines word for word and finds the longest overlaps; without
 * it the packed copy guard answers, which overstates.
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
import { overlaps, readCorpus } from './corpus.ts';
import { distinct, repeatedLines, rhymePairs, selfBleu, titleFits, wordsOf } from './measures.ts';
import { quantizationLoss } from './quantization.ts';
import { countWords, insistent } from './words.ts';

const { values } = parseArgs({
  options: {
    poems: { type: 'string', default: '9' },
    seed: { type: 'string', default: '1000' },
    forms: { type: 'string', default: FORM_NAMES.join(',') },
    model: { type: 'string' },
    corpus: { type: 'string' },
    documents: { type: 'string', default: '150' },
    baseline: { type: 'boolean', default: false },
    out: { type: 'string', default: '.cache/evaluate' },
  },
});

const prosody = createProsody(dictionary);
const composer = await createLocalComposer(values.model ? { model: values.model } : {});
const count = Number(values.poems);
const firstSeed = Number(values.seed);
const corpus = values.corpus ? readCorpus(values.corpus) : undefined;
const forms = values.forms === 'none' ? [] : (values.forms.split(',') as FormName[]);

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
  if (!corpus) return share(judged.filter(({ poem }) => poem.checks.copiedWords >= 5).length, judged.length);
  return share(lines.filter((words) => corpus.lines.has(words.join(' '))).length, lines.length);
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
  `| form | poems | rhyme kept | syllables kept | metre kept | NLL a token | distinct-2 / -3 | repeated lines | ${corpus ? 'copied lines' : 'flagged by the guard'} | self-BLEU-4 | title fits | s a poem |`,
  '|---|---|---|---|---|---|---|---|---|---|---|---|',
];
for (const form of forms) {
  const judged: Judged[] = [];
  for (let n = 0; n < count; n++) judged.push(await write(form, EMOTIONS[n % EMOTIONS.length]!, firstSeed + n));
  table.push(row(form, judged));
  all.push(...judged);
}
if (forms.length > 0) table.push(row('**all**', all));

const quatrains: Judged[] = [];
for (const emotion of EMOTIONS) {
  for (let n = 0; n < count; n++) quatrains.push(await write('quatrains', emotion, firstSeed + 500 + n));
}
const asked = quatrains.map(({ poem }) => [poem.emotion, classify(poem.text)] as [Emotion, Emotion]);
const agreement = share(asked.filter(([a, b]) => a === b).length, asked.length);

/** The words of the eight-line poems, and how close they come to the corpus. */
function wordReport(): string[] {
  const texts = quatrains.map(({ lines }) => lines);
  const { lines, words, derived, inCorpus, unknown } = countWords(texts, dictionary, prosody, corpus?.words);
  const calm = quatrains.length - insistent(quatrains).length;
  const list = (found: readonly string[]) => (found.length === 0 ? 'none' : found.join(', '));
  const report = [
    `Words of these ${quatrains.length} poems (${lines} lines, ${words} words): ${unknown.length} non-words (${list(unknown)}).`,
    `Not in CMUdict, but derived from its words by rule: ${list(derived)}.`,
    ...(corpus ? [`Not in CMUdict, but five times or more in the corpus: ${list(inCorpus)}.`] : []),
    `No content word more than twice: ${share(calm, quatrains.length)} of the poems.`,
  ];
  if (!values.corpus) return report;
  const runs = overlaps(values.corpus, texts);
  const byLength = new Map<number, number>();
  for (const { length } of runs) byLength.set(length, (byLength.get(length) ?? 0) + 1);
  return [
    ...report,
    `Copied lines: ${copied(quatrains)}. Runs of words that these poems share with a poem of the corpus (5 or more; they may cross line ends): ${[...byLength].map(([n, times]) => `${n} words: ${times}`).join(', ') || 'none'}. The longest: ${runs.slice(0, 5).map((run) => `"${run.join(' ')}"`).join(', ')}.`,
  ];
}

async function quantizationReport(): Promise<string[]> {
  const { documents, losses } = await quantizationLoss(values.model, Number(values.documents));
  const [source, packed] = [losses[0]!, losses[1]!];
  const cells = losses.map(({ precision, megabytes, text, lineWithPlan }) => `| ${precision} | ${megabytes.toFixed(2)} | ${text.toFixed(4)} | ${lineWithPlan.toFixed(4)} |`);
  return [
    `Packing to four bits, ${documents} held-out poems: ${((packed.lineWithPlan / source.lineWithPlan - 1) * 100).toFixed(2)} % more bits per byte, line with plan.`,
    '',
    '| weights | MB | bits per byte, text | bits per byte, line with plan |',
    '|---|---|---|---|',
    ...cells,
  ];
}

const { model } = composer;
const report = [
  `Model ${model.id} (${model.dtype}, ${model.revision}), ${values.baseline ? 'plain sampling, no help with form' : 'the composer'}; ${count} poems a form, seeds from ${firstSeed}.`,
  '',
  ...(forms.length > 0 ? [...table, ''] : []),
  `Emotion: a classifier that generation does not use finds the emotion asked for in ${agreement} of ${asked.length} poems in quatrains (chance 11 %).`,
  '',
  ...wordReport(),
  ...(Number(values.documents) > 0 && model.dialect === 'plan' ? ['', ...(await quantizationReport())] : []),
].join('\n');
mkdirSync(values.out, { recursive: true });
const suffix = values.baseline ? '-baseline' : '';
writeFileSync(join(values.out, `evaluate${suffix}.md`), `${report}\n`);
writeFileSync(join(values.out, `emotions${suffix}.svg`), confusionPicture(confusion(asked)));
writeFileSync(join(values.out, `poems${suffix}.md`), [...all, ...quatrains].map(({ poem }) => `## ${poem.title}\n\n${poem.form}, ${poem.emotion}, seed ${poem.seed}\n\n${poem.text}\n`).join('\n'));
console.log(report);
await composer.dispose();
