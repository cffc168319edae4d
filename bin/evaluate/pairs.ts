/**
 * npm run pairs -- --old ID|URL --new ID|URL [--seed S] --out FILE --key FILE
 *
 * Twenty pairs of eight-line poems to read side by side: the same request and decoder for two models, the order shuffled.
 * FILE of --out has the poems as A and B and does not say whose they are; FILE of --key does, and is to be opened after
 * the verdicts.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { randomStream } from '../../src/engine/random.ts';
import type { Emotion, FormName, Poem } from '../../src/poetry/types.ts';
import { createLocalComposer } from '../../src/worker/local-composer.ts';

const REQUESTS: [Emotion, string?][] = [
  ['joy', 'A Morning in May'], ['sadness', 'The Empty Chair'], ['fear', 'The House in the Wood'], ['anger', 'To a Tyrant'],
  ['trust', 'My Friend'], ['surprise', 'The First Snow'], ['anticipation', 'Waiting for the Ship'], ['disgust', 'The Miser'],
  ['neutral', 'The River'], ['sadness', 'Autumn Rain'], ['joy'], ['fear'], ['anger'], ['trust'], ['sadness'], ['surprise'],
  ['anticipation'], ['neutral', 'The Old Road'], ['joy', 'The Children'], ['fear', 'The Sea at Night'],
];
const FORMS: FormName[] = ['quatrains', 'ballad', 'couplets'];
const LINES = 8;

const { values } = parseArgs({
  options: { old: { type: 'string' }, new: { type: 'string' }, seed: { type: 'string', default: '11' }, out: { type: 'string' }, key: { type: 'string' } },
});
if (!values.old || !values.new || !values.out || !values.key) throw new Error('Usage: npm run pairs -- --old ID --new ID --out FILE --key FILE');

/** One poem for each request. */
async function poemsOf(model: string): Promise<Poem[]> {
  const composer = await createLocalComposer({ model });
  const poems: Poem[] = [];
  for (const [at, [emotion, title]] of REQUESTS.entries()) {
    poems.push(await composer.compose({ emotion, ...(title ? { title } : {}), form: FORMS[at % FORMS.length]!, lines: LINES, seed: Number(values.seed) * 1000 + at }));
  }
  await composer.dispose();
  return poems;
}

const [older, newer] = [await poemsOf(values.old), await poemsOf(values.new)];
const random = randomStream(Number(values.seed));
const key: { pair: number; new: 'A' | 'B' }[] = [];
const pages = REQUESTS.map(([emotion, title], at) => {
  const newFirst = random.next() < 0.5;
  key.push({ pair: at + 1, new: newFirst ? 'A' : 'B' });
  const shown = newFirst ? [newer[at]!, older[at]!] : [older[at]!, newer[at]!];
  const heading = `## ${at + 1}. ${emotion}${title ? `, title: ${title}` : ''}; ${FORMS[at % FORMS.length]}`;
  return [heading, ...shown.map(({ text }, n) => `**${'AB'[n]}**\n\n\`\`\`\n${text}\n\`\`\``)].join('\n\n');
});
writeFileSync(values.out, `${pages.join('\n\n')}\n`);
writeFileSync(values.key, `${JSON.stringify(key)}\n`);
