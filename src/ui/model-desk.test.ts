import { describe, expect, it } from 'vitest';
import { VerseletError } from '../errors.ts';
import type { CatalogEntry, ModelPreview } from '../worker/client.ts';
import { type DeskSources, ModelDesk, leadingEmotion } from './model-desk.ts';

const SET: CatalogEntry = {
  id: 'nine',
  kind: 'set',
  bytes: 5e8,
  keptBytes: 8e7,
  license: '',
  members: { joy: 'org/joy', neutral: 'org/plain' },
};

function aPreview(change: Partial<ModelPreview> = {}): ModelPreview {
  return { id: 'org/a', revision: 'r', license: 'MIT', kept: false, packs: false, downloadBytes: 1e6, keptBytes: 1e6, ...change };
}

function aDesk(change: Partial<DeskSources> = {}) {
  let reads = 0;
  const desk = new ModelDesk({
    catalog: () => Promise.resolve((reads++, [SET])),
    inspect: () => Promise.resolve(aPreview()),
    isMetered: () => false,
    ...change,
  });
  return { desk, reads: () => reads };
}

describe('a set of models', () => {
  it('lets the feeling choose the member, and reads the catalog once', async () => {
    const { desk, reads } = aDesk();
    expect(await desk.resolve({ model: 'nine', device: 'wasm' }, 'joy')).toEqual({ model: 'org/joy', device: 'wasm' });
    expect(await desk.resolve({ model: 'nine' }, 'fear')).toEqual({ model: 'org/plain' });
    expect(await desk.resolve({ model: 'verse-nano' }, 'joy')).toEqual({ model: 'verse-nano' });
    expect(reads()).toBe(1);
  });

  it('does not ask the catalog about the default, an id of the hub or an address', async () => {
    const { desk, reads } = aDesk();
    for (const model of [undefined, 'org/name', 'https://example.org/m/']) expect(await desk.resolve({ model }, 'joy')).toEqual({ model });
    expect(reads()).toBe(0);
  });

  it('goes by the feeling that the poem begins with', () => {
    expect(leadingEmotion({ arc: ['fear', 'joy'], emotion: 'trust' })).toBe('fear');
    expect(leadingEmotion({ emotion: 'trust' })).toBe('trust');
    expect(leadingEmotion({})).toBe('neutral');
  });
});

describe('the question before a download', () => {
  const asked = async (bytes: number, metered: boolean) =>
    (await aDesk({ inspect: () => Promise.resolve(aPreview({ downloadBytes: bytes })), isMetered: () => metered }).desk.question({ model: 'org/a' })) !== undefined;

  it('comes above 20 MB, and before any byte that is paid for', async () => {
    expect(await asked(20_000_000, false)).toBe(false);
    expect(await asked(20_000_001, false)).toBe(true);
    expect(await asked(1, true)).toBe(true);
    expect(await asked(0, true)).toBe(false);
  });

  it('is put once, and again for another hub', async () => {
    const { desk } = aDesk({ inspect: () => Promise.resolve(aPreview({ downloadBytes: 5e8, packs: true })) });
    expect(await desk.question({ model: 'org/a' })).toMatchObject({ model: 'org/a', metered: false, preview: { packs: true } });
    desk.agree({ model: 'org/a' });
    expect(await desk.question({ model: 'org/a', device: 'wasm' })).toBeUndefined();
    expect(await desk.question({ model: 'org/a', hub: 'http://localhost:1' })).toBeDefined();
  });

  it('is not put for what ships with the page; for a folder elsewhere only where the bytes are paid for', async () => {
    const inspect = () => Promise.reject(new VerseletError('network', 'Nobody should ask.'));
    expect(await aDesk({ inspect, isMetered: () => true }).desk.question({})).toBeUndefined();
    expect(await aDesk({ inspect, isMetered: () => true }).desk.question({ model: 'verse-nano' })).toBeUndefined();
    const folder = { model: 'https://example.org/m/' };
    expect(await aDesk({ inspect }).desk.question(folder)).toBeUndefined();
    expect(await aDesk({ inspect, isMetered: () => true }).desk.question(folder)).toEqual({ ...folder, metered: true });
  });

  it('passes on what the hub says', async () => {
    const { desk } = aDesk({ inspect: () => Promise.reject(new VerseletError('model-not-found', 'There is none.')) });
    await expect(desk.question({ model: 'org/none' })).rejects.toMatchObject({ code: 'model-not-found' });
  });
});
