/** Steps of the random walk on the view one writes on, and what each must do. */

import { expect } from './fixtures.ts';
import { type Walk, canWrite, went } from './walk-model.ts';
import { poll, type Seen, type ViewName, type Walker, type Words } from './walk-page.ts';

/** A poem, to its end; locked lines of a poem of the same form come back as they were. */
export async function compose(walk: Walk, walker: Walker, words: Words): Promise<void> {
  const before = await walker.seen();
  const { poems } = await walker.notes();
  const form = await walker.page.evaluate(() => {
    const view = document.querySelector('verselet-app')!.shadowRoot!.querySelector('verselet-compose-view') as unknown as { state: { page?: { request: { form?: string } } }; request: { form?: string; firstLine?: string } };
    return { same: view.state.page?.request.form === view.request.form, firstLine: view.request.firstLine };
  });
  await walker.write(words);
  const after = await walker.rest();
  if (!canWrite(walk)) {
    expect(after.alert, 'without a network and without the model').not.toBe('');
    return;
  }
  expect(after.alert).toBe('');
  expect((await walker.notes()).poems).toBe(poems + 1);
  expect(after.lines.length).toBeGreaterThan(0);
  walk.models.add(walk.model);
  if (!form.same) return;
  for (const [index, locked] of before.locked.entries()) {
    if (locked && !(index === 0 && form.firstLine)) expect(after.lines[index], `locked line ${index + 1}`).toBe(before.lines[index]);
  }
}

export async function stopAfter(lines: number, walk: Walk, walker: Walker, words: Words): Promise<void> {
  const before = await lineCount(walker);
  await walker.write(words);
  await poll(async () => !(await walker.seen()).busy || (await lineCount(walker)) - before >= lines, { timeout: 90_000 }).toBe(true);
  await walker.page.keyboard.press('Escape');
  await poll(async () => (await walker.seen()).busy, { timeout: 2_000, message: 'Escape did not stop' }).toBe(false);
  const stopped = await walker.seen();
  if ((await lineCount(walker)) > before) walk.models.add(walk.model);
  // Nothing more comes after a stop.
  await walker.page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
  expect((await walker.seen()).lines).toEqual(stopped.lines);
}

/** Lines that came since the page was opened: the first one means that its model is here. */
async function lineCount(walker: Walker): Promise<number> {
  return (await walker.notes()).labels.length;
}

export async function leaveWhileWriting(walk: Walk, walker: Walker, words: Words, view: ViewName): Promise<void> {
  const before = await lineCount(walker);
  await walker.write(words);
  await walker.show(view, words);
  went(walk, view);
  await walker.rest();
  if ((await lineCount(walker)) > before) walk.models.add(walk.model);
}

export async function firstLine(walker: Walker, text: string): Promise<void> {
  const more = walker.page.locator('verselet-more');
  if (!(await more.locator('details[open]').count())) await more.locator('summary').click();
  await more.locator('input[name="firstLine"]').fill(text);
}

export async function keep(walk: Walk, walker: Walker, words: Words): Promise<boolean> {
  const before = await walker.seen();
  if (before.kept !== false) return false;
  await walker.press(words.keepPoem);
  await poll(async () => (await walker.seen()).kept, { message: 'the poem is not called kept' }).toBe(true);
  const stored = await walker.stored();
  const changed = stored.filter((entry) => JSON.stringify(entry) !== JSON.stringify(walk.kept.get(entry.id)));
  expect(changed, 'one poem is saved').toHaveLength(1);
  const [entry] = changed;
  expect(entry!.lines).toEqual(before.lines);
  if (before.title) expect(entry!.title).toBe(before.title);
  expect(entry!.favourite, 'a favourite stays one').toBe(walk.kept.get(entry!.id)?.favourite ?? false);
  walk.kept.set(entry!.id, entry!);
  return true;
}

/** The row of a line, with its tools. */
async function row(walker: Walker, pick: number): Promise<{ index: number; seen: Seen } | undefined> {
  const seen = await walker.seen();
  if (seen.lines.length === 0) return undefined;
  const index = pick % seen.lines.length;
  await walker.page.locator(`verselet-poem-editor .row[data-index="${index}"]`).hover();
  return { index, seen };
}

const tool = (walker: Walker, index: number, name: string) => walker.page.locator(`verselet-poem-editor .row[data-index="${index}"] .tools`).getByRole('button', { name, exact: true });

export async function lock(walker: Walker, words: Words, pick: number): Promise<boolean> {
  const at = await row(walker, pick);
  if (!at) return false;
  const { index, seen } = at;
  await tool(walker, index, seen.locked[index] ? words.locked : words.lock).click();
  await poll(async () => (await walker.seen()).locked[index]).toBe(!seen.locked[index]);
  expect((await walker.seen()).lines).toEqual(seen.lines);
  return true;
}

export async function edit(walker: Walker, words: Words, pick: number, text: string, key: 'Enter' | 'Escape' | 'Tab'): Promise<boolean> {
  const at = await row(walker, pick);
  if (!at) return false;
  await tool(walker, at.index, words.edit).click();
  const input = walker.page.locator('verselet-poem-editor .edit');
  await input.fill(text);
  await input.press(key);
  const wanted = text.replace(/\s+/g, ' ').trim();
  const lines = at.seen.lines.map((line, index) => (index === at.index && key !== 'Escape' && wanted ? wanted : line));
  await poll(async () => (await walker.seen()).lines).toEqual(lines);
  return true;
}

export async function another(walk: Walk, walker: Walker, words: Words, pick: number, take: number): Promise<boolean> {
  const at = await row(walker, pick);
  if (!at || !canWrite(walk)) return false;
  const button = tool(walker, at.index, words.another);
  if (!(await button.count())) return false;
  await button.click();
  const group = walker.page.getByRole('group', { name: words.alternatives });
  await expect(group).toHaveAttribute('aria-busy', 'false', { timeout: 60_000 });
  await expect(group.getByRole('alert')).toHaveCount(0);
  const offered = group.locator('.line');
  const count = await offered.count();
  walk.models.add(walk.model);
  if (take >= count) {
    await walker.press(words.leaveIt);
    expect((await walker.seen()).lines).toEqual(at.seen.lines);
    return true;
  }
  const text = (await offered.nth(take).textContent())!.trim();
  await offered.nth(take).click();
  await poll(async () => (await walker.seen()).lines[at.index]).toBe(text);
  return true;
}

export async function retitle(walker: Walker, words: Words, text: string): Promise<boolean> {
  if (!(await walker.seen()).lines.length) return false;
  await walker.press(words.editTitle);
  await walker.page.locator('verselet-poem-editor .edit').fill(text);
  await walker.page.locator('verselet-poem-editor .edit').press('Enter');
  await poll(async () => (await walker.seen()).title).toBe(text);
  return true;
}

export async function revisit(walker: Walker, name: string): Promise<boolean> {
  const button = walker.page.locator('verselet-compose-view .after').getByRole('button', { name, exact: true });
  if (!(await button.count()) || (await button.isDisabled())) return false;
  await button.click();
  return true;
}
