import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import { deletePoem, findPoem, keepPoem, listPoems } from '../library/poems.ts';
import { watchKept } from './kept-watch.ts';
import { keepPage, pageOfKept } from './page-store.ts';
import { aPoem } from './poem.fixture.ts';
import { pageOf } from './session-state.ts';
import { Session } from './session.ts';

beforeEach(async () => {
  for (const { poem } of await listPoems()) await deletePoem(poem.id);
});

/** Until the page says so; the collection is asked in the background. */
async function says(session: Session, savedAs: string | undefined): Promise<void> {
  await expect.poll(() => session.state.page?.savedAs).toBe(savedAs);
}

describe('the page', () => {
  it('says that it is kept as long as the collection has it as it stands', async () => {
    const session = new Session(() => Promise.reject(new Error('no composer here')));
    const end = watchKept(session);
    const poem = aPoem({ id: 'a' });
    session.dispatch({ type: 'show', page: pageOf(poem) });
    await keepPage(pageOf(poem));
    await says(session, 'a');
    session.dispatch({ type: 'retitle', title: 'Another' });
    expect(session.state.page?.savedAs).toBeUndefined();
    await keepPage(session.state.page!);
    await says(session, 'a');
    // The collection has the new title now: the page of before is not what was kept.
    session.dispatch({ type: 'undo' });
    await says(session, undefined);
    session.dispatch({ type: 'redo' });
    await says(session, 'a');
    await deletePoem('a');
    await says(session, undefined);
    end();
  });

  it('keeps a favourite as one when it is kept again', async () => {
    await keepPoem({ poem: aPoem({ id: 'a' }), favourite: true, keptAt: '2026-01-01T00:00:00.000Z' });
    const { savedAs: _savedAs, ...page } = pageOfKept((await findPoem('a'))!);
    await keepPage({ ...page, title: 'Another' });
    expect(await findPoem('a')).toMatchObject({ favourite: true, poem: { title: 'Another' } });
  });
});
