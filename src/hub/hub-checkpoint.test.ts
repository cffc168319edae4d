import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Files, HubServer } from '../../e2e/hub-server.ts';
import { startHub } from '../../e2e/hub-server.ts';
import { parseConfig } from '../convert/config.ts';
import { readPacked } from '../convert/packed.ts';
import { memberFor } from './catalog.ts';
import { inspectModel } from './inspect-model.ts';
import type { OpenModelOptions } from './open-model.ts';
import { openModel } from './open-model.ts';
import type { PackCheckpoint } from './packing.ts';
import { CHUNK } from './store.ts';
import type { TestContext } from './testing.ts';
import { GPT2_CONFIG, failure, json, noise, sha256, testContext } from './testing.ts';

let server: HubServer;
let context: TestContext;
const OLD: Files = {
  'config.json': json(GPT2_CONFIG),
  'vocab.json': json({ a: 0, b: 1, ab: 2, '<|endoftext|>': 3 }),
  'merges.txt': new TextEncoder().encode('#version: 0.2\na b\n'),
  'added_tokens.json': json({ '<|startoftext|>': 4, '<|pad|>': 5 }),
  'special_tokens_map.json': json({ bos_token: '<|startoftext|>', pad_token: { content: '<|pad|>' } }),
  'pytorch_model.bin': noise(CHUNK + 700, 5),
};

beforeAll(async () => {
  server = await startHub();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
  context = testContext();
});

function options(more: Partial<OpenModelOptions> = {}): OpenModelOptions {
  const { store, clock, reports, notices } = context;
  return {
    hub: server.url,
    base: 'http://127.0.0.1:9/',
    store,
    clock,
    locks: null,
    onProgress: (report) => reports.push(report),
    onNotice: (notice) => notices.push(notice),
    ...more,
  };
}

const offline = (): Partial<OpenModelOptions> => ({ fetch: () => Promise.reject(new TypeError('offline')) });

/** Packs by turning every byte over. */
const flipAll: PackCheckpoint = async (files, { onProgress }) => {
  const parts: Uint8Array[] = [];
  for (const { source } of files) parts.push((await source.read(0, source.size)).map((byte) => 255 - byte));
  onProgress?.(1, 1);
  return new Uint8Array(Buffer.concat(parts));
};

describe('an older fine-tune', () => {
  it('gets a tokenizer.json of its parts and the start token of the catalog', async () => {
    server.addRepo('prajwalcr/poetry-joy_gpt2', OLD);
    const files = await openModel('prajwalcr/poetry-joy_gpt2', options({ pack: null }));
    expect(files.format).toBe('checkpoint');
    expect(files.startToken).toBe('<|startoftext|>');
    expect(files.tokenizer.json).toMatchObject({
      model: { type: 'BPE', merges: ['a b'], vocab: { ab: 2 } },
      added_tokens: [
        { id: 3, content: '<|endoftext|>', special: true },
        { id: 4, content: '<|startoftext|>', special: true },
        { id: 5, content: '<|pad|>', special: true },
      ],
    });
  });

  it('is packed; only the packed form is kept, and opens offline', async () => {
    server.addRepo('org/old', OLD);
    const files = await openModel('org/old', options({ pack: flipAll }));
    const packed = OLD['pytorch_model.bin']!.map((byte) => 255 - byte);
    expect(files).toMatchObject({ format: 'packed', info: { dtype: 'q4', sha256: sha256(packed) } });
    expect(context.reports.map((report) => report.phase)).toContain('pack');
    const again = await openModel(
      'org/old',
      options({ ...offline(), pack: () => Promise.reject(new Error('packed twice')) }),
    );
    expect(sha256(again.weights)).toBe(sha256(packed));
    expect(await context.store.readChunks(`sha256-${sha256(OLD['pytorch_model.bin']!)}`, () => {})).toBe(0);
    expect((await context.store.usage()).bytes).toBe(files.info.bytes);
  });

  it.each(['archive.bin', 'legacy.bin', 'tiny.safetensors'])('like %s is packed by src/convert', async (name) => {
    const folder = 'src/convert/fixtures/';
    const { config } = JSON.parse(readFileSync(folder + name.replace(/\..*/, '.json'), 'utf8')) as { config: unknown };
    const checkpoint = name.endsWith('.bin') ? 'pytorch_model.bin' : 'model.safetensors';
    const { 'pytorch_model.bin': _replaced, ...rest } = OLD;
    server.addRepo('org/old', { ...rest, 'config.json': json(config), [checkpoint]: readFileSync(folder + name) });
    const files = await openModel('org/old', options());
    expect(files.format).toBe('packed');
    expect(readPacked(files.weights).config).toMatchObject({ layers: parseConfig(config).layers });
  });

  it('goes on with the download and packs after a visit that ended in the middle', async () => {
    server.addRepo('org/old', OLD);
    const dying: PackCheckpoint = () => Promise.reject(new DOMException('gone', 'AbortError'));
    await expect(openModel('org/old', options({ pack: dying }))).rejects.toThrow('gone');
    server.log.length = 0;
    const files = await openModel('org/old', options({ pack: flipAll }));
    expect(files.format).toBe('packed');
    expect(server.requests('pytorch_model.bin')).toEqual([]);
  });

  it('whose packed copy rotted is made again, or says so offline', async () => {
    server.addRepo('org/old', OLD);
    const first = await openModel('org/old', options({ pack: flipAll }));
    const [manifest] = await context.store.manifests();
    const { key } = manifest!.files.find((file) => file.path === 'verselet.safetensors')!;
    await context.store.writeChunk(key, 0, new Uint8Array(CHUNK));
    expect(sha256((await openModel('org/old', options({ pack: flipAll }))).weights)).toBe(first.info.sha256);
    await context.store.writeChunk(key, 0, new Uint8Array(CHUNK));
    expect((await failure(openModel('org/old', options({ ...offline(), pack: flipAll })))).code).toBe('network');
  });

  it('in shards needs all of them', async () => {
    const { 'pytorch_model.bin': whole, ...rest } = OLD;
    const [first, second] = ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'];
    const index = { 'pytorch_model.bin.index.json': json({ weight_map: { a: first, b: second } }) };
    const parts = { [first]: whole!.subarray(0, 1000), [second]: whole!.subarray(1000) };
    server.addRepo('org/old', { ...rest, ...index, ...parts });
    const files = await openModel('org/old', options({ pack: flipAll }));
    expect(files.info.sha256).toBe(sha256(whole!.map((byte) => 255 - byte)));
    context = testContext();
    server.addRepo('org/old', { ...rest, ...index, [first]: parts[first]! });
    const error = await failure(openModel('org/old', options({ pack: flipAll })));
    expect(error.code).toBe('unsupported-model');
    expect(error.message).toContain(second);
  });

  it('says what will happen before it does, to within one percent', async () => {
    const fixture = 'src/convert/fixtures/wide';
    const { config } = JSON.parse(readFileSync(`${fixture}.json`, 'utf8')) as { config: unknown };
    const { 'pytorch_model.bin': _replaced, ...rest } = OLD;
    const weights = readFileSync(`${fixture}.safetensors`);
    const commit = server.addRepo('org/old', { ...rest, 'config.json': json(config), 'model.safetensors': weights });
    const before = await inspectModel('org/old', options());
    expect(before).toMatchObject({ id: 'org/old', revision: commit, kept: false, packs: true });
    expect(server.requests('model.safetensors')).toEqual([]);
    server.log.length = 0;
    const { info } = await openModel('org/old', options());
    const travelled = server.requests('resolve').filter((entry) => entry.status === 200);
    const config0 = json(config).byteLength;
    expect(travelled.reduce((sum, entry) => sum + entry.sent, config0)).toBe(before.downloadBytes);
    expect(Math.abs(before.keptBytes - info.bytes)).toBeLessThan(Math.max(8192, info.bytes / 100));
    const after = await inspectModel('org/old', options(offline()));
    expect(after).toMatchObject({ kept: true, downloadBytes: 0, keptBytes: info.bytes });
  });
});

describe('the set of nine', () => {
  it('lets the emotion choose the model', () => {
    expect(memberFor('autocompose', 'joy')).toBe('prajwalcr/poetry-joy_gpt2');
    expect(memberFor('autocompose', 'neutral')).toBe('prajwalcr/poetry_gpt2');
    expect(memberFor('verse-nano', 'joy')).toBe('verse-nano');
  });
});
