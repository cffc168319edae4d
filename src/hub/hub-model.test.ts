import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Files, HubServer } from '../../e2e/hub-server.ts';
import { startHub } from '../../e2e/hub-server.ts';
import { parseConfig } from '../convert/config.ts';
import { readPacked } from '../convert/packed.ts';
import type { OpenModelOptions } from './open-model.ts';
import { openModel } from './open-model.ts';
import type { PackCheckpoint } from './packing.ts';
import { CHUNK } from './store.ts';
import type { TestContext } from './testing.ts';
import { GPT2_CONFIG, failure, json, modelFolder, noise, sha256, testContext } from './testing.ts';

let server: HubServer;
let context: TestContext;
const graph = noise(5000, 3);
const ONNX: Files = {
  'README.md': json('hello'),
  '.gitattributes': json(''),
  'config.json': json(GPT2_CONFIG),
  'tokenizer.json': json({ added_tokens: [], model: {} }),
  'tokenizer_config.json': json({ model_max_length: 1024 }),
  'onnx/decoder_model_merged_quantized.onnx': graph,
  'onnx/decoder_model_merged.onnx': noise(20_000, 4),
};
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

describe('a model of the hub', () => {
  it('is pinned to a commit, listed, downloaded from the second host, kept', async () => {
    const commit = server.addRepo('org/name', ONNX, { license: 'mit' });
    const files = await openModel('org/name', options());
    expect(sha256(files.weights)).toBe(sha256(graph));
    expect(files).toMatchObject({
      format: 'onnx',
      config: GPT2_CONFIG,
      tokenizer: { config: { model_max_length: 1024 } },
    });
    expect(files.info).toMatchObject({
      id: 'org/name',
      revision: commit,
      dialect: 'plain',
      dtype: 'int8',
      license: 'mit',
    });
    expect(files.info.sha256).toBe(sha256(graph));
    const asked = server.log.map((entry) => entry.path);
    expect(asked.filter((path) => path.includes('/resolve/')).every((path) => path.includes(commit))).toBe(true);
    expect(server.requests('README')).toEqual([]);
    expect(context.reports.map((report) => report.phase)).toContain('resolve');
  });

  it('that is kept is opened without a single request, at the commit it had, though main went on', async () => {
    const commit = server.addRepo('org/name', ONNX);
    await openModel('org/name', options());
    server.addRepo('org/name', { ...ONNX, 'onnx/decoder_model_merged_quantized.onnx': noise(5000, 9) });
    server.log.length = 0;
    for (const spec of ['org/name', `org/name@${commit}`]) {
      const files = await openModel(spec, options(offline()));
      expect(files.info.revision).toBe(commit);
      expect(sha256(files.weights)).toBe(sha256(graph));
    }
    expect(context.reports.at(-1)?.fromCache).toBe(true);
    expect(server.log).toEqual([]);
    const now = await openModel('org/name@main', options());
    expect(now.info.revision).not.toBe(commit);
  });

  it('asked for by branch and by default shares its bytes, and opens offline by either name', async () => {
    server.addRepo('org/name', ONNX, { refs: ['main', 'v1.0'] });
    await openModel('org/name@v1.0', options());
    server.log.length = 0;
    await openModel('org/name@main', options());
    expect(server.requests('/resolve/')).toEqual([]);
    for (const spec of ['org/name', 'org/name@v1.0', 'org/name@main']) await openModel(spec, options(offline()));
    expect((await context.store.list()).length).toBe(1);
  });

  it('of another hub is another model', async () => {
    server.addRepo('org/name', ONNX);
    await openModel('org/name', options());
    const error = await failure(openModel('org/name', options({ hub: 'http://127.0.0.1:9' })));
    expect(error.code).toBe('network');
  });

  it('with a card speaks the dialect of the card', async () => {
    server.addRepo('org/name', modelFolder());
    const files = await openModel('org/name', options());
    expect(files).toMatchObject({
      format: 'packed',
      info: { dialect: 'plan', dtype: 'q4' },
      card: { dialect: 'plan' },
    });
    expect((await openModel('org/name', options({ precision: 'source' }))).format).toBe('checkpoint');
  });

  it('whose tokenizer has our tokens speaks our dialect without a card', async () => {
    const added = ['<|poem|>', '<|line|>', '<|plan|>', '<|end-poem|>'].map((content, id) => ({ id, content }));
    server.addRepo('org/name', { ...ONNX, 'tokenizer.json': json({ added_tokens: added, model: {} }) });
    expect((await openModel('org/name', options())).info.dialect).toBe('plan');
  });
});

describe('answers that end the opening', () => {
  it.each([
    ['revision', 404, 'model-not-found'],
    ['revision', 401, 'hub-refused'],
    ['tree', 403, 'hub-refused'],
    ['tree', 404, 'model-not-found'],
    ['config.json', 404, 'model-not-found'],
  ])('%s with status %d is %s', async (match, status, code) => {
    server.addRepo('org/name', ONNX);
    server.inject({ kind: 'status', match, status });
    expect((await failure(openModel('org/name', options()))).code).toBe(code);
  });

  it('no such repository, no such revision', async () => {
    server.addRepo('org/name', ONNX);
    expect((await failure(openModel('org/none', options()))).code).toBe('model-not-found');
    expect((await failure(openModel('org/name@nope', options()))).code).toBe('model-not-found');
  });

  it.each(['revision', 'tree', 'tokenizer.json'])('a web page in place of %s is hub-refused', async (match) => {
    server.addRepo('org/name', ONNX);
    server.inject({ kind: 'html', match });
    expect((await failure(openModel('org/name', options()))).code).toBe('hub-refused');
  });

  it('half an answer of the API is asked for again; a broken one is hub-refused', async () => {
    server.addRepo('org/name', ONNX);
    server.inject({ kind: 'cut', match: 'revision' });
    server.inject({ kind: 'cut', match: 'tree' });
    expect((await openModel('org/name', options())).format).toBe('onnx');
    context = testContext();
    server.inject({ kind: 'short', match: 'tree' });
    expect((await failure(openModel('org/name', options()))).code).toBe('hub-refused');
  });

  it.each([
    ['no GPT-2', { 'config.json': json({ ...GPT2_CONFIG, model_type: 'bert' }) }],
    ['absurd sizes', { 'config.json': json({ ...GPT2_CONFIG, n_layer: 1e9 }) }],
    ['a config that is no JSON', { 'config.json': new TextEncoder().encode('{') }],
    ['a tokenizer that is no JSON', { 'tokenizer.json': new TextEncoder().encode('<') }],
    ['a path that leaves the folder', { '../../etc/passwd': json(1) }],
    ['an absolute path', { '/etc/passwd': json(1) }],
    ['an address as path', { 'https://evil/x.onnx': json(1) }],
  ])('%s is unsupported-model before any weights are fetched', async (_name, files: Files) => {
    server.addRepo('org/name', { ...ONNX, ...files });
    expect((await failure(openModel('org/name', options()))).code).toBe('unsupported-model');
    expect(server.requests('.onnx')).toEqual([]);
  });

  it('no weights, no config, no tokenizer are unsupported-model', async () => {
    const { 'config.json': _config, ...noConfig } = ONNX;
    const { 'tokenizer.json': _tokenizer, ...noTokenizer } = ONNX;
    for (const files of [noConfig, noTokenizer, { 'config.json': json(GPT2_CONFIG) }]) {
      server.addRepo('org/name', files);
      expect((await failure(openModel('org/name', options()))).code).toBe('unsupported-model');
    }
  });
});

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
});

describe('input that is no model', () => {
  it.each([
    ['../../etc', {}],
    ['org/name', { hub: 'not a hub' }],
    ['org/name', { hub: 'ftp://x' }],
    [{}, {}],
  ])('%j with %j is bad-request, and nothing is sent', async (model, more) => {
    expect((await failure(openModel(model, options(more)))).code).toBe('bad-request');
    expect(server.log).toEqual([]);
  });
});
