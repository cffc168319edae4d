import { watchCollection } from '../library/changes.ts';
import { findPoem } from '../library/poems.ts';
import { isKeptAs } from './page-store.ts';
import type { Session } from './session.ts';
import { isBusy } from './session-state.ts';

/**
 * What the page says about being kept is what the collection says: asked again whenever either of them changes, be it in
 * another tab.
 * @returns the function that ends it.
 */
export function watchKept(session: Session, find = findPoem): () => void {
  let last = session.state.page;
  const check = async () => {
    const { page } = session.state;
    const id = page?.savedAs ?? page?.poem?.id;
    if (!page || id === undefined || isBusy(session.state)) return;
    let entry: Awaited<ReturnType<typeof find>>;
    try {
      entry = await find(id);
    } catch {
      // A store that cannot be read says nothing.
      return;
    }
    const savedAs = entry && isKeptAs(page, entry) ? id : undefined;
    if (session.state.page === page && page.savedAs !== savedAs) session.dispatch({ type: 'saved', id: savedAs });
  };
  const ends = [
    watchCollection(() => void check()),
    session.on('change', ({ page }) => {
      if (page === last) return;
      last = page;
      void check();
    }),
  ];
  void check();
  return () => ends.forEach((end) => end());
}
