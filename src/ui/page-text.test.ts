import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Poem } from '../poetry/types.ts';
import { embedSnippet, linkOf } from './page-text.ts';
import { aPoem } from './poem.fixture.ts';

const pageOf = (poem: Poem) => ({ title: poem.title, lines: [], request: poem.request, poem });

beforeEach(() => void vi.stubGlobal('location', new URL('https://verse.example/sub/?old#fragment')));
afterEach(() => void vi.unstubAllGlobals());

describe('a link', () => {
  it.each([
    ['verse-nano', 'embedded-0123456789ab', 'verse-nano'],
    ['https://models.example/mine/', 'folder-0123456789ab', 'https://models.example/mine/'],
    ['org/name', '0123456789abcdef', 'org/name@0123456789abcdef'],
  ])('names the model %s of revision %s as %s, so that the same poem is written again', (id, revision, model) => {
    const link = new URL(linkOf(pageOf(aPoem({ model: { id, revision, dtype: 'q4' } }))));
    expect(`${link.origin}${link.pathname}`).toBe('https://verse.example/sub/');
    expect([link.searchParams.get('model'), link.searchParams.get('seed')]).toEqual([model, '7']);
  });
});

describe('a snippet', () => {
  it('puts the same wish, seed and model into a tag, with nothing of a text getting out of its attribute', () => {
    const poem = aPoem({ request: { form: 'free', rhyme: 'perfect', emotion: 'joy', seed: 7, theme: '"><script>' } });
    const snippet = embedSnippet(pageOf(poem));
    expect(snippet).toContain('src="https://verse.example/sub/embed/verselet.js"');
    expect(snippet).toContain('seed="7" model="verse-nano"');
    expect(snippet).toContain('theme="&quot;>&lt;script>"');
  });
});
