/** The steps of the random walk as fast-check's commands. */

import * as fc from 'fast-check';
import { FORM_NAMES } from '../src/poetry/types.ts';
import * as around from './walk-around.ts';
import { HUB_MODEL, SHIPPED, type Walk, hold, viewOf, went } from './walk-model.ts';
import type { ViewName, Walker, Words } from './walk-page.ts';
import * as poem from './walk-poem.ts';

const MODELS = [SHIPPED, SHIPPED, 'verse-nano', HUB_MODEL] as const;
const EMOTIONS = ['joy', 'trust', 'fear', 'surprise', 'sadness', 'disgust', 'anger', 'anticipation', 'neutral'] as const;
const VIEWS = ['compose', 'collection', 'models', 'about'] as const;
const TEXTS = ['the sea at night', '', 'snow ❄ and Ñandú', '<b>bold</b> & "quoted"', '   ', 'a road that turns away and does not come back'];

type Step = fc.AsyncCommand<Walk, Walker>;
/** Resolves to false where the page had nothing to do the step with. */
type Run = (walk: Walk, walker: Walker, words: Words) => Promise<boolean | void>;

/** Counts of the steps that were really taken, by name. */
export type Tally = Map<string, number>;

/** @param where View on which the step is taken: the walk goes there first. */
function step(tally: Tally, name: string, where: ViewName | undefined, run: Run, can: (walk: Walk) => boolean = () => true): Step {
  return {
    check: can,
    run: async (walk, walker) => {
      const words = walker.words(walk.lang);
      if (where !== undefined && viewOf(walk) !== where) {
        await walker.show(where, words);
        went(walk, where);
      }
      if ((await run(walk, walker, words)) === false) return;
      const kind = name.split(' ')[0]!;
      tally.set(kind, (tally.get(kind) ?? 0) + 1);
      await hold(walk, walker);
    },
    toString: () => name,
  };
}

/** Steps on the view one writes on. */
function writingSteps(tally: Tally): fc.Arbitrary<Step>[] {
  const take = (name: string, run: Run) => step(tally, name, 'compose', run);
  const pick = fc.nat({ max: 30 });
  return [
    fc.constantFrom(...EMOTIONS).map((emotion) => take(`feeling ${emotion}`, (_, walker, words) => walker.page.getByRole('radio', { name: words.emotions[emotion], exact: true }).check())),
    fc.constantFrom(...FORM_NAMES).map((form) => take(`form ${form}`, (_, walker, words) => walker.page.getByRole('radio', { name: words.forms[form], exact: true }).check())),
    fc.constantFrom(...TEXTS).map((text) => take(`theme ${text}`, (_, walker) => walker.page.locator('input[name="theme"]').fill(text))),
    fc.constantFrom(...TEXTS).map((text) => take(`first-line ${text}`, (_, walker) => poem.firstLine(walker, text))),
    fc.constantFrom(...MODELS).map((model) => take(`model ${model}`, (walk, walker) => around.chooseModel(walk, walker, model))),
    fc.constant(take('compose', poem.compose)),
    fc.constant(take('compose once more', poem.compose)),
    fc.nat({ max: 4 }).map((lines) => take(`stop after ${lines}`, (walk, walker, words) => poem.stopAfter(lines, walk, walker, words))),
    fc.constantFrom(...VIEWS).map((view) => take(`leave-while-writing to ${view}`, (walk, walker, words) => poem.leaveWhileWriting(walk, walker, words, view))),
    pick.map((index) => take(`lock ${index}`, (_, walker, words) => poem.lock(walker, words, index))),
    fc
      .tuple(pick, fc.constantFrom(...TEXTS), fc.constantFrom('Enter' as const, 'Escape' as const, 'Tab' as const))
      .map(([index, text, key]) => take(`edit ${index} ${key} ${text}`, (_, walker, words) => poem.edit(walker, words, index, text, key))),
    fc.tuple(pick, fc.nat({ max: 4 })).map(([index, choice]) => take(`another ${index} ${choice}`, (walk, walker, words) => poem.another(walk, walker, words, index, choice))),
    fc.constantFrom('Dusk', 'Ñ <i>', 'A Very Long Road Home').map((text) => take(`retitle ${text}`, (_, walker, words) => poem.retitle(walker, words, text))),
    fc.constant(take('undo', (_, walker, words) => poem.revisit(walker, words.undo))),
    fc.constant(take('redo', (_, walker, words) => poem.revisit(walker, words.redo))),
    fc.constant(take('keep', poem.keep)),
    fc.constant(take('keep this', poem.keep)),
  ];
}

/** Steps around the poem. */
function otherSteps(tally: Tally): fc.Arbitrary<Step>[] {
  const collecting = (name: string, run: Run, can?: (walk: Walk) => boolean) => step(tally, name, 'collection', run, can);
  const anywhere = (name: string, run: Run, can?: (walk: Walk) => boolean) => fc.constant(step(tally, name, undefined, run, can));
  const pick = fc.nat({ max: 30 });
  return [
    pick.map((index) => collecting(`delete ${index}`, (walk, walker, words) => around.remove(walk, walker, words, index))),
    fc.constant(collecting('undelete', around.undelete, (walk) => walk.deleted !== undefined)),
    pick.map((index) => collecting(`favourite ${index}`, (walk, walker, words) => around.favour(walk, walker, words, index))),
    fc.constant(collecting('export', around.exportAll)),
    fc.constant(collecting('import', around.importAll)),
    pick.map((index) => collecting(`open ${index}`, (walk, walker) => around.openKept(walk, walker, index))),
    fc.constantFrom(...VIEWS).map((view) => step(tally, `view ${view}`, view, async () => undefined)),
    fc.constantFrom('en' as const, 'es' as const).map((lang) => step(tally, `language ${lang}`, 'about', (walk, walker) => around.setLanguage(walk, walker, lang))),
    anywhere('reload', around.reload),
    anywhere('offline', (walk, walker) => around.setOffline(walk, walker, true), (walk) => !walk.offline && walk.models.has(SHIPPED)),
    anywhere('online', (walk, walker) => around.setOffline(walk, walker, false), (walk) => walk.offline),
    anywhere('back', (walk, walker) => around.travel(walk, walker, -1), (walk) => walk.at > 0),
    anywhere('forward', (walk, walker) => around.travel(walk, walker, 1), (walk) => walk.at < walk.trail.length - 1),
    fc.constantFrom('delete' as const, 'keep' as const).map((what) => step(tally, `second-tab ${what}`, undefined, (walk, walker, words) => around.secondTab(walk, walker, words, what), (walk) => !walk.offline)),
    fc
      .constantFrom('whole' as const, 'pause' as const, 'cancel' as const, 'decline' as const)
      .map((how) => step(tally, `download ${how}`, 'models', (walk, walker, words) => around.fetchModel(walk, walker, words, how), (walk) => !walk.offline)),
    fc.constant(step(tally, 'delete-model', 'models', around.deleteModel)),
  ];
}

/** Every step there is. */
export function stepsOf(tally: Tally): fc.Arbitrary<Step>[] {
  return [...writingSteps(tally), ...otherSteps(tally)];
}
