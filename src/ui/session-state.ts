/** What the page knows while poems are asked for, written and changed by hand: a pure reducer. */

import type { ErrorData } from '../errors.ts';
import type { LineEvent, Poem, PoemRequest } from '../poetry/types.ts';
import type { DeviceInfo, LoadProgress, ModelInfo } from '../worker/client.ts';
import type { DownloadQuestion } from './model-desk.ts';

export interface PageLine {
  text: string;
  /** Index of the stanza, from 0. */
  stanza: number;
  /** Kept as it is when the poem is written again. */
  locked: boolean;
  /** Changed by hand, or taken from the alternatives. */
  edited: boolean;
}

/** The poem on the page, as the reader has it: perhaps unfinished, perhaps changed since it was written. */
export interface Page {
  title: string;
  lines: readonly PageLine[];
  request: PoemRequest;
  /** The poem as it was written; absent while it is not finished. */
  poem?: Poem;
  /** Id under which it lies in the collection, as it stands. */
  savedAs?: string;
  /** It came with the address, from somebody else. */
  received?: boolean;
}

export type Phase = 'idle' | 'loading' | 'writing' | 'done' | 'stopped' | 'failed';

export interface SessionState {
  phase: Phase;
  page?: Page;
  past: readonly Page[];
  future: readonly Page[];
  /** Poems of this visit, newest last. */
  variants: readonly Poem[];
  progress?: LoadProgress;
  writing?: { index: number; total?: number };
  model?: ModelInfo;
  device?: DeviceInfo;
  /** A download waits for the reader's word. */
  question?: DownloadQuestion;
  error?: ErrorData;
}

export type SessionEvent =
  | { type: 'start'; request: PoemRequest; ready: boolean }
  | { type: 'progress'; progress: LoadProgress }
  | { type: 'ask'; question: DownloadQuestion | undefined }
  | { type: 'opened'; model: ModelInfo; device: DeviceInfo }
  | { type: 'closed' }
  | { type: 'device'; device: DeviceInfo }
  | { type: 'writing'; index: number; total?: number }
  | { type: 'line'; line: LineEvent }
  | { type: 'poem'; poem: Poem }
  | { type: 'stopped' }
  | { type: 'failed'; error: ErrorData }
  | { type: 'show'; page: Page }
  | { type: 'lock'; index: number }
  | { type: 'replace'; index: number; text: string }
  | { type: 'retitle'; title: string }
  | { type: 'saved'; id: string | undefined }
  | { type: 'undo' }
  | { type: 'redo' };

const HISTORY = 100;
const VARIANTS = 12;

export const initialState: SessionState = { phase: 'idle', past: [], future: [], variants: [] };

/** Whether the model is loading or writing: Compose is Stop. */
export function isBusy(state: SessionState): boolean {
  return state.phase === 'loading' || state.phase === 'writing';
}

/** The page that shows a finished poem, with the lines in `locked` (indices over the whole poem) locked. */
export function pageOf(poem: Poem, locked: ReadonlySet<number> = new Set()): Page {
  let index = 0;
  const lines = poem.stanzas.flatMap((stanza, s) =>
    stanza.map((text) => ({ text, stanza: s, locked: locked.has(index++), edited: false })),
  );
  return { title: poem.title, lines, request: poem.request, poem };
}

/** The lines as stanzas of text. */
export function stanzasOf(page: Page): string[][] {
  const stanzas: string[][] = [];
  for (const line of page.lines) (stanzas[line.stanza] ??= []).push(line.text);
  return stanzas.filter((stanza) => stanza !== undefined);
}

/** The poem of the page with the changes made by hand in it; undefined while none is finished. */
export function poemOf(page: Page): Poem | undefined {
  if (!page.poem) return undefined;
  const stanzas = stanzasOf(page);
  return { ...page.poem, title: page.title, stanzas, text: stanzas.map((s) => s.join('\n')).join('\n\n') };
}

/** `keep` for a request that writes the page again: the locked lines, null elsewhere; undefined where none is locked. */
export function keptLines(page: Page): (string | null)[] | undefined {
  return page.lines.some((line) => line.locked)
    ? page.lines.map((line) => (line.locked ? line.text : null))
    : undefined;
}

function lockedOf(request: PoemRequest): Set<number> {
  return new Set((request.keep ?? []).flatMap((line, index) => (line === null ? [] : [index])));
}

function withPage(state: SessionState, page: Page): SessionState {
  if (!state.page) return { ...state, page };
  return { ...state, page, past: [...state.past, state.page].slice(-HISTORY), future: [] };
}

function changeLine(state: SessionState, index: number, change: Partial<PageLine>): SessionState {
  const { page } = state;
  if (!page || isBusy(state) || !page.lines[index]) return state;
  const lines = page.lines.map((line, i) => (i === index ? { ...line, ...change } : line));
  return withPage(state, { ...page, lines, savedAs: undefined });
}

function travel(state: SessionState, from: 'past' | 'future', to: 'past' | 'future'): SessionState {
  const page = state[from].at(-1);
  if (!page || isBusy(state)) return state;
  const back = state.page ? [...state[to], state.page] : state[to];
  return { ...state, page, [from]: state[from].slice(0, -1), [to]: back, phase: page.poem ? 'done' : 'stopped', error: undefined };
}

function addLine(state: SessionState, line: LineEvent): SessionState {
  const { page } = state;
  if (!page || !isBusy(state) || page.lines[line.index]) return state;
  const locked = lockedOf(page.request).has(line.index);
  const lines = [...page.lines, { text: line.text, stanza: line.stanza, locked, edited: false }];
  return { ...state, phase: 'writing', page: { ...page, lines } };
}

function start(state: SessionState, { request, ready }: { request: PoemRequest; ready: boolean }): SessionState {
  const next = withPage(state, { title: '', lines: [], request });
  return { ...next, phase: ready ? 'writing' : 'loading', progress: undefined, writing: undefined, question: undefined, error: undefined };
}

function finish(state: SessionState, poem: Poem): SessionState {
  const page = pageOf(poem, lockedOf(poem.request));
  const variants = [...state.variants.filter((known) => known.id !== poem.id), poem].slice(-VARIANTS);
  return { ...state, phase: 'done', page, variants, writing: undefined, progress: undefined };
}

/** A stop or a failure leaves the lines that were finished; an empty page gives way to the one before it. */
function end(state: SessionState, phase: 'stopped' | 'failed', error?: ErrorData): SessionState {
  if (!isBusy(state)) return error ? { ...state, error } : state;
  const ended: SessionState = { ...state, phase, error, writing: undefined, progress: undefined, question: undefined };
  const before = state.past.at(-1);
  if (state.page?.lines.length || !before) return ended;
  return { ...ended, page: before, past: state.past.slice(0, -1), phase: error ? 'failed' : before.poem ? 'done' : 'stopped' };
}

/** The next state; never throws, and an event that does not fit the phase changes nothing. */
export function reduce(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'start':
      return isBusy(state) ? state : start(state, event);
    case 'progress':
      return isBusy(state) ? { ...state, progress: event.progress } : state;
    case 'ask':
      return { ...state, question: event.question };
    case 'opened': {
      const { model, device } = event;
      return { ...state, model, device, progress: undefined, phase: state.phase === 'loading' ? 'writing' : state.phase };
    }
    case 'closed':
      return { ...state, model: undefined, device: undefined };
    case 'device':
      return { ...state, device: event.device };
    case 'writing':
      return isBusy(state) ? { ...state, phase: 'writing', writing: { index: event.index, total: event.total } } : state;
    case 'line':
      return addLine(state, event.line);
    case 'poem':
      return isBusy(state) ? finish(state, event.poem) : state;
    case 'stopped':
      return end(state, 'stopped');
    case 'failed':
      return end(state, 'failed', event.error);
    case 'show':
      return isBusy(state) ? state : { ...withPage(state, event.page), phase: event.page.poem ? 'done' : 'stopped', error: undefined };
    case 'lock':
      return changeLine(state, event.index, { locked: !state.page?.lines[event.index]?.locked });
    case 'replace':
      return changeLine(state, event.index, { text: event.text, edited: true });
    case 'retitle':
      return state.page && !isBusy(state) ? withPage(state, { ...state.page, title: event.title, savedAs: undefined }) : state;
    case 'saved':
      return state.page ? { ...state, page: { ...state.page, savedAs: event.id } } : state;
    case 'undo':
      return travel(state, 'past', 'future');
    case 'redo':
      return travel(state, 'future', 'past');
  }
}
