import { describe, expect, it } from 'vitest';
import { VerseletError } from '../errors.ts';
import type { Poem } from '../poetry/types.ts';
import type { ComposeOptions, Composer, ComposerOptions } from '../worker/client.ts';
import { ModelDesk } from './model-desk.ts';
import { aPoem } from './poem.fixture.ts';
import { pageOf } from './session-state.ts';
import { Session } from './session.ts';

interface Call {
  options: ComposeOptions;
  resolve(poem: Poem): void;
  reject(error: unknown): void;
}

/** A composer whose poems are written by hand, line by line. */
function byHand(desk?: ModelDesk) {
  const opened: ComposerOptions[] = [];
  const calls: Call[] = [];
  let disposed = 0;
  const composer: Composer = {
    model: { id: 'm', revision: 'r', dialect: 'plan', dtype: 'q4', bytes: 1, sha256: '', license: '' },
    device: { kind: 'wasm', name: 'CPU', threads: 1, why: 'It is there.' },
    compose: (_request, options = {}) =>
      new Promise((resolve, reject) => {
        calls.push({ options, resolve, reject });
        options.signal?.addEventListener('abort', () => reject(new VerseletError('aborted', 'Stopped.')));
      }),
    alternatives: () => Promise.resolve(['Another line']),
    dispose: () => Promise.resolve(void disposed++),
  };
  const session = new Session((options) => {
    opened.push(options);
    return Promise.resolve(composer);
  }, desk);
  return { session, opened, calls, disposed: () => disposed };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('session', () => {
  it('writes, tells lines and poem, and opens the model once', async () => {
    const { session, opened, calls } = byHand();
    const told: string[] = [];
    session.on('line', ({ text }) => told.push(text));
    session.on('poem', ({ title }) => told.push(title));
    const first = session.compose({ emotion: 'joy' });
    await turn();
    calls[0]!.options.onLine?.({ index: 0, stanza: 0, text: 'One' });
    calls[0]!.resolve(aPoem());
    expect((await first)?.title).toBe(aPoem().title);
    expect(told).toEqual(['One', aPoem().title]);
    void session.compose({});
    await turn();
    expect(opened).toHaveLength(1);
    expect(session.state.phase).toBe('writing');
  });

  it('opens another model when the choice changes', async () => {
    const { session, opened, calls, disposed } = byHand();
    const first = session.compose({});
    await turn();
    calls[0]!.resolve(aPoem());
    await first;
    void session.compose({}, { model: 'org/name' });
    await turn();
    expect(opened.map(({ model }) => model)).toEqual([undefined, 'org/name']);
    expect(disposed()).toBe(1);
  });

  it('stops at once, keeps the lines, and forgets what comes late', async () => {
    const { session, calls } = byHand();
    const poem = session.compose({});
    await turn();
    const { options } = calls[0]!;
    options.onLine?.({ index: 0, stanza: 0, text: 'One' });
    session.stop();
    expect(session.state.phase).toBe('stopped');
    options.onLine?.({ index: 1, stanza: 0, text: 'Late' });
    expect(await poem).toBeUndefined();
    expect(session.state.page?.lines.map(({ text }) => text)).toEqual(['One']);
    expect(session.state.error).toBeUndefined();
  });

  it('tells a failure with its code, and can write again', async () => {
    const { session, opened, calls } = byHand();
    const codes: string[] = [];
    session.on('error', ({ code }) => codes.push(code));
    const poem = session.compose({});
    await turn();
    calls[0]!.reject(new VerseletError('device-lost', 'The GPU was lost.'));
    await poem;
    expect(codes).toEqual(['device-lost']);
    expect(session.state).toMatchObject({ phase: 'failed', error: { code: 'device-lost' } });
    void session.compose({});
    await turn();
    expect(opened).toHaveLength(2);
  });

  it('opens the member of a set that the feeling chooses, and keeps it while the feeling stays', async () => {
    const members = { joy: 'org/joy', fear: 'org/fear' };
    const catalog = [{ id: 'nine', kind: 'set' as const, bytes: 1, keptBytes: 1, license: '', members }];
    const preview = { id: '', revision: '', license: '', kept: true, packs: false, downloadBytes: 0, keptBytes: 1 };
    const desk = new ModelDesk({
      catalog: () => Promise.resolve(catalog),
      inspect: () => Promise.resolve(preview),
      isMetered: () => true,
    });
    const { session, opened, calls } = byHand(desk);
    for (const [index, emotion] of (['joy', 'joy', 'fear'] as const).entries()) {
      const poem = session.compose({ emotion }, { model: 'nine' });
      await turn();
      expect(session.state.phase).toBe('writing');
      calls[index]!.resolve(aPoem());
      await poem;
    }
    expect(opened.map(({ model }) => model)).toEqual(['org/joy', 'org/fear']);
  });

  it('asks before much is fetched: no fetches nothing, yes is asked for once', async () => {
    const preview = { id: 'org/large', revision: '', license: '', kept: false, packs: true, downloadBytes: 5e8, keptBytes: 8e7 };
    const desk = new ModelDesk({
      catalog: () => Promise.resolve([]),
      inspect: () => Promise.resolve(preview),
      isMetered: () => false,
    });
    const { session, opened, calls } = byHand(desk);
    const ask = async () => {
      const poem = session.compose({}, { model: 'org/large' });
      await turn();
      return poem;
    };
    let poem = ask();
    await turn();
    expect(session.state).toMatchObject({ phase: 'loading', question: { model: 'org/large', preview } });
    session.answer(false);
    await poem;
    expect(session.state).toMatchObject({ phase: 'stopped', question: undefined, error: undefined });
    poem = ask();
    await turn();
    session.stop();
    await poem;
    expect([session.state.question, opened.length]).toEqual([undefined, 0]);
    poem = ask();
    await turn();
    session.answer(true);
    await turn();
    calls[0]!.reject(new VerseletError('out-of-memory', 'Full.'));
    await poem;
    void session.compose({}, { model: 'org/large' });
    await turn();
    expect([session.state.question, opened.length]).toEqual([undefined, 2]);
  });

  it('asks anew for a poem while other lines still wait for the word, and is answered', async () => {
    const preview = { id: 'org/large', revision: 'r', kept: false, packs: false, downloadBytes: 1e9, keptBytes: 1e9, license: '' };
    const desk = new ModelDesk({ catalog: () => Promise.resolve([]), inspect: () => Promise.resolve(preview), isMetered: () => false });
    const { session, opened, calls } = byHand(desk);
    session.dispatch({ type: 'show', page: pageOf(aPoem()) });
    const lines = session.alternatives(0, { model: 'org/large' });
    const refused = expect(lines).rejects.toMatchObject({ code: 'aborted' });
    await turn();
    void session.compose({}, { model: 'org/large' });
    await refused;
    expect(session.state.question).toMatchObject({ model: 'org/large' });
    session.answer(true);
    await turn();
    expect([opened.length, calls.length]).toEqual([1, 1]);
  });

  it('holds one composer when lines and a poem open the model at once', async () => {
    const { session, calls, disposed } = byHand();
    session.dispatch({ type: 'show', page: pageOf(aPoem()) });
    const lines = session.alternatives(0, {});
    const poem = session.compose({});
    expect(await lines).toEqual(['Another line']);
    await turn();
    calls[0]!.resolve(aPoem());
    expect((await poem)?.title).toBe(aPoem().title);
    expect(disposed()).toBe(1);
  });
});
