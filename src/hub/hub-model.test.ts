import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Files, HubServer } from '../../e2e/hub-server.ts';
import { startHub } from '../../e2e/hub-server.ts';
import type { OpenModelOptions } from './open-model.ts';
import { openModel } from './open-model.ts';
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
