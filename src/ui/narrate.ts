import { t } from './i18n.ts';
import type { Session } from './session.ts';

const QUARTER = 25;

/** Says what a listener needs: quarters of a download, whole lines, the end. Returns the function that ends it. */
export function narrate(session: Session, say: (sentence: string) => void): () => void {
  let quarter = -1;
  const ends = [
    session.on('progress', ({ phase, loaded, total }) => {
      if (phase !== 'download' || total <= 0) return;
      const reached = Math.floor((loaded / total) * (100 / QUARTER));
      if (reached === quarter) return;
      quarter = reached;
      say(t().percent(Math.min(100, reached * QUARTER)));
    }),
    session.on('line', ({ text }) => say(text)),
    session.on('poem', (poem) => say(t().finished(poem.title))),
  ];
  return () => ends.forEach((end) => end());
}
