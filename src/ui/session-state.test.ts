import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Poem } from '../poetry/types.ts';
import { aPoem } from './poem.fixture.ts';
import { type SessionEvent, type SessionState, initialState, isBusy, keptLines, pageOf, poemOf, reduce } from './session-state.ts';

const run = (events: SessionEvent[], from: SessionState = initialState) => events.reduce(reduce, from);
const start = (request = {}): SessionEvent => ({ type: 'start', request, ready: true });
const line = (index: number, text: string, stanza = 0): SessionEvent => ({ type: 'line', line: { index, stanza, text } });
const written = (poem: Poem = aPoem()): SessionEvent[] => [start(), { type: 'poem', poem }];

describe('writing', () => {
  it('shows lines as they come, each once', () => {
    const state = run([start(), line(0, 'One'), line(1, 'Two'), line(0, 'One again')]);
    expect(state.phase).toBe('writing');
    expect(state.page?.lines.map(({ text }) => text)).toEqual(['One', 'Two']);
  });

  it('marks the lines that were kept as locked', () => {
    const state = run([start({ keep: [null, 'Two'] }), line(0, 'One'), line(1, 'Two')]);
    expect(state.page?.lines.map(({ locked }) => locked)).toEqual([false, true]);
  });

  it('keeps finished lines after a stop and after a failure', () => {
    const begun = [start(), line(0, 'One')];
    expect(run([...begun, { type: 'stopped' }])).toMatchObject({ phase: 'stopped', page: { lines: [{ text: 'One' }] } });
    const error = { code: 'device-lost', message: 'Gone.', hint: 'Again.' } as const;
    expect(run([...begun, { type: 'failed', error }])).toMatchObject({ phase: 'failed', error, page: { lines: [{ text: 'One' }] } });
  });

  it('puts the poem before it back when nothing was written', () => {
    const state = run([...written(), start({ emotion: 'joy' }), { type: 'stopped' }]);
    expect(state.page?.title).toBe(aPoem().title);
    expect(state.phase).toBe('done');
  });

  it('ignores lines and poems that come after a stop', () => {
    const stopped = run([start(), line(0, 'One'), { type: 'stopped' }]);
    expect(reduce(stopped, line(1, 'Late'))).toBe(stopped);
    expect(reduce(stopped, { type: 'poem', poem: aPoem() })).toBe(stopped);
  });

  it('collects the poems of the visit', () => {
    const state = run([...written(aPoem({ id: 'a' })), ...written(aPoem({ id: 'b' }))]);
    expect(state.variants.map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('changing by hand', () => {
  it('locks, replaces and retitles, and undoes each', () => {
    const state = run([...written(), { type: 'lock', index: 1 }, { type: 'replace', index: 0, text: 'New' }, { type: 'retitle', title: 'T' }]);
    expect(state.page?.title).toBe('T');
    expect(state.page?.lines.slice(0, 2)).toMatchObject([{ text: 'New', edited: true }, { locked: true }]);
    expect(keptLines(state.page!)?.slice(0, 2)).toEqual([null, aPoem().stanzas[0]![1]]);
    const back = run([{ type: 'undo' }, { type: 'undo' }, { type: 'undo' }], state);
    expect(back.page).toEqual(pageOf(aPoem()));
    expect(run([{ type: 'redo' }, { type: 'redo' }, { type: 'redo' }], back).page).toEqual(state.page);
  });

  it('undoes a whole poem', () => {
    const state = run([...written(aPoem({ id: 'a', title: 'First' })), ...written(aPoem({ id: 'b', title: 'Second' }))]);
    const titles = [state.page?.title, run([{ type: 'undo' }], state).page?.title];
    expect(titles[0]).toBe('Second');
    expect(run([{ type: 'undo' }], state).page?.title).toBe('First');
  });

  it('is no longer what lies in the collection', () => {
    const state = run([...written(), { type: 'saved', id: 'x' }, { type: 'replace', index: 0, text: 'New' }]);
    expect(state.page?.savedAs).toBeUndefined();
  });

  it('gives the poem with its changes', () => {
    const state = run([...written(), { type: 'replace', index: 0, text: 'New' }]);
    const poem = poemOf(state.page!)!;
    expect(poem.stanzas[0]![0]).toBe('New');
    expect(poem.text.startsWith('New\n')).toBe(true);
  });

  it('waits while a poem is being written', () => {
    const busy = run([...written(), start()]);
    for (const type of ['undo', 'redo'] as const) expect(reduce(busy, { type })).toBe(busy);
    expect(reduce(busy, { type: 'lock', index: 0 })).toBe(busy);
  });
});

const anyEvent: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.record({ type: fc.constant('start' as const), request: fc.constant({}), ready: fc.boolean() }),
  fc.record({ type: fc.constant('line' as const), line: fc.record({ index: fc.nat(6), stanza: fc.nat(2), text: fc.string() }) }),
  fc.constant({ type: 'poem' as const, poem: aPoem() }),
  fc.constant({ type: 'stopped' as const }),
  fc.constant({ type: 'failed' as const, error: { code: 'network' as const, message: 'm', hint: 'h' } }),
  fc.record({ type: fc.constant('lock' as const), index: fc.integer({ min: -1, max: 9 }) }),
  fc.record({ type: fc.constant('replace' as const), index: fc.integer({ min: -1, max: 9 }), text: fc.string() }),
  fc.constant({ type: 'undo' as const }),
  fc.constant({ type: 'redo' as const }),
);

describe('any order of events', () => {
  it('never throws, and never loses a finished line to a fault', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        let state = initialState;
        for (const event of events) {
          const before = state;
          state = reduce(state, event);
          const ended = event.type === 'stopped' || event.type === 'failed';
          if (ended && before.page?.lines.length) expect(state.page?.lines).toEqual(before.page.lines);
          if (ended) expect(isBusy(state)).toBe(false);
        }
      }),
    );
  });
});
