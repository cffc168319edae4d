import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { createStore, set } from 'idb-keyval';
import { beforeEach, describe, expect, it } from 'vitest';
import { aPoem } from '../ui/poem.fixture.ts';
import { loadDraft, saveDraft } from './drafts.ts';
import { exportJson, exportMarkdown, importPoems, newPoems, poemMarkdown } from './exchange.ts';
import { type KeptPoem, arrange, deletePoem, keepPoem, listPoems } from './poems.ts';

const NOW = '2026-11-22T12:00:00.000Z';
const entry = (change: Partial<KeptPoem['poem']> = {}, keptAt = NOW): KeptPoem => ({ poem: aPoem(change), favourite: false, keptAt });

beforeEach(async () => {
  for (const { poem } of await listPoems()) await deletePoem(poem.id);
});

describe('collection', () => {
  it('keeps, lists newest first, deletes, and takes back', async () => {
    const old = entry({ id: 'old' }, '2026-01-01T00:00:00.000Z');
    await keepPoem(old);
    await keepPoem(entry({ id: 'new' }));
    expect((await listPoems()).map(({ poem }) => poem.id)).toEqual(['new', 'old']);
    await deletePoem('old');
    expect((await listPoems()).map(({ poem }) => poem.id)).toEqual(['new']);
    await keepPoem(old);
    expect(await listPoems()).toContainEqual(old);
  });

  it('fault: a record that is no poem does not hide the others', async () => {
    await keepPoem(entry({ id: 'sound' }));
    const store = createStore('verselet-poems', 'keyval');
    for (const [index, value] of [null, 'text', {}, { poem: {} }, { ...entry(), poem: { ...entry().poem, request: null } }].entries()) await set(['poem', `broken-${index}`], value, store);
    expect((await listPoems()).map(({ poem }) => poem.id)).toEqual(['sound']);
  });

  it('finds every word anywhere, without accents or case', () => {
    const poems = [entry({ id: 'a', title: 'Café' }), entry({ id: 'b', title: 'Sea' })];
    const ids = (search: string) => arrange(poems, { search }).map(({ poem }) => poem.id);
    expect(ids('cafe')).toEqual(['a']);
    expect(ids('LAMP sadness')).toEqual(['a', 'b']);
    expect(ids('sea cafe')).toEqual([]);
  });

  it('sorts by title and shows favourites alone', () => {
    const poems = [entry({ id: 'a', title: 'b 10' }), { ...entry({ id: 'b', title: 'B 9' }), favourite: true }];
    expect(arrange(poems, { sort: 'title' }).map(({ poem }) => poem.id)).toEqual(['b', 'a']);
    expect(arrange(poems, { favourites: true }).map(({ poem }) => poem.id)).toEqual(['b']);
  });

  it('gives the draft of the last visit back', async () => {
    await saveDraft({ lines: [1, 2] });
    expect(await loadDraft()).toEqual({ lines: [1, 2] });
  });
});

describe('files', () => {
  it('reads back what it wrote', async () => {
    const poems = [{ ...entry({ id: 'a' }), favourite: true }, entry({ id: 'b', title: 'Other' })];
    expect(await importPoems(exportJson(poems), NOW)).toEqual({ poems, bad: 0 });
  });

  it('takes a bare poem and a bare list, and counts what is no poem', async () => {
    expect((await importPoems(JSON.stringify(aPoem()), NOW)).poems).toHaveLength(1);
    expect(await importPoems(JSON.stringify([aPoem(), { nothing: 1 }, null]), NOW)).toMatchObject({ bad: 2, poems: [{ poem: { id: 'poem-1' } }] });
  });

  it('says why a file cannot be read', async () => {
    expect((await importPoems('{', NOW)).unreadable).toBe('json');
    expect((await importPoems('{"a":1}', NOW)).unreadable).toBe('format');
    expect((await importPoems('{"format":"verselet-poems","version":99,"poems":[]}', NOW)).unreadable).toBe('newer');
    await fc.assert(fc.asyncProperty(fc.json(), async (json) => void (await importPoems(json, NOW))));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('fault: hostile files give their good poems, and harm nothing', async () => {
    const good = JSON.stringify(aPoem());
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    const bad = [
      good.replace('{', '{"__proto__":{"polluted":true},'),
      good.replace('"title":', '"constructor":{"prototype":{"polluted":true}},"title":'),
      JSON.stringify({ ...aPoem(), stanzas: [['x'.repeat(1e6)]] }),
      JSON.stringify({ ...aPoem(), stanzas: Array.from({ length: 1000 }, () => ['a']) }),
      JSON.stringify({ ...aPoem(), id: '../../x' }),
      JSON.stringify({ ...aPoem(), stanzas: 'text' }),
      JSON.stringify({ ...aPoem(), seed: '1' }),
      deep,
    ];
    expect(await importPoems(`[${[good, ...bad].join(',')}]`, NOW)).toMatchObject({ bad: bad.length, poems: [{ poem: { id: 'poem-1' } }] });
    expect((await importPoems(' '.repeat(20_000_001), NOW)).unreadable).toBe('size');
    expect((await importPoems(`[${Array(5001).fill('{}').join(',')}]`, NOW)).unreadable).toBe('size');
    const markup = { ...aPoem(), title: '<img src=x onerror=alert(1)>', stanzas: [['a\u0000b\u202ec']] };
    expect((await importPoems(JSON.stringify(markup), NOW)).poems[0]!.poem).toMatchObject({ title: markup.title, stanzas: [['abc']] });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('knows a poem again by id, and by title and text', () => {
    const kept = [entry({ id: 'a' })];
    expect(newPoems([entry({ id: 'a', title: 'Changed' }), entry({ id: 'z' }), entry({ id: 'n', title: 'New' })], kept)).toHaveLength(1);
  });

  it('writes Markdown that shows the lines as they are', () => {
    const markdown = poemMarkdown({ title: '*Stars*', stanzas: [['- a', '1. b'], ['# c']] });
    expect(markdown).toBe('## \\*Stars\\*\n\n\\- a  \n1\\. b\n\n\\# c');
    expect(exportMarkdown([entry(), entry({ id: 'b' })]).match(/^---$/gm)).toHaveLength(1);
  });
});
