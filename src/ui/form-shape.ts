import type { FormName, PoemRequest } from '../poetry/types.ts';

/** Lines of each stanza where the form is left at its default length; only the page's space is computed from this. */
const STANZAS: Readonly<Record<FormName, readonly number[]>> = {
  free: [8],
  couplets: [2, 2, 2, 2],
  quatrains: [4, 4],
  ballad: [4, 4],
  limerick: [5],
  haiku: [3],
  tanka: [5],
  cinquain: [5],
  triolet: [8],
  sonnet: [4, 4, 4, 2],
  petrarchan: [8, 6],
  villanelle: [3, 3, 3, 3, 3, 4],
};

/** Forms whose length a reader may choose, and the step it goes by. */
export const LENGTH_STEP: Readonly<Partial<Record<FormName, number>>> = { free: 1, couplets: 2, quatrains: 4, ballad: 4 };

/** Lines that a request asks for, as far as that is known before writing. */
export function expectedLines(request: PoemRequest): number {
  const form = request.form ?? 'free';
  if (LENGTH_STEP[form] !== undefined) {
    if (request.lines !== undefined) return request.lines;
    if (request.keep?.length) return request.keep.length;
    if (form === 'free' && request.acrostic) return request.acrostic.length;
  }
  return STANZAS[form].reduce((sum, lines) => sum + lines, 0);
}

/** Rows of the page to keep free: lines, and one row between stanzas. */
export function expectedRows(request: PoemRequest): number {
  const form = request.form ?? 'free';
  const lines = expectedLines(request);
  const stanza = STANZAS[form][0]!;
  const stanzas = lines === expectedLines({ form }) ? STANZAS[form].length : Math.ceil(lines / Math.max(stanza, 2));
  return lines + (form === 'free' ? Math.floor((lines - 1) / 4) : stanzas - 1);
}
