import type { Session } from './session.ts';
import type { Page } from './session-state.ts';
import { savePage } from './page-store.ts';

/**
 * Keeps the page of a session as the draft, line by line; writes follow one another, and only the newest page waits.
 * @returns the function that ends it.
 */
export function keepDrafts(session: Session, save: (page: Page | undefined) => Promise<boolean> = savePage): () => void {
  let last = session.state.page;
  let waiting: { page: Page | undefined } | undefined;
  let writing = false;
  const write = async () => {
    writing = true;
    while (waiting) {
      const { page } = waiting;
      waiting = undefined;
      await save(page);
    }
    writing = false;
  };
  return session.on('change', ({ page }) => {
    // An empty page is a poem about to begin: the one before it is worth more than that.
    if (page === last || page?.lines.length === 0) return;
    last = page;
    waiting = { page };
    if (!writing) void write();
  });
}
