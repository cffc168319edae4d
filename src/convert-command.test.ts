import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Files, HubServer } from '../e2e/hub-server.ts';
import { startHub } from '../e2e/hub-server.ts';
import { readPacked } from './convert/packed.ts';
import { convertModel } from './convert-command.ts';

const FIXTURES = 'src/convert/fixtures/';
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const { config } = JSON.parse(readFileSync(`${FIXTURES}archive.json`, 'utf8')) as { config: unknown };
const OLD: Files = {
  'config.json': json(config),
  'vocab.json': json({ a: 0, b: 1, ab: 2, '<|endoftext|>': 3 }),
  'merges.txt': new TextEncoder().encode('#version: 0.2\na b\n'),
  'README.md': json('not needed'),
  'pytorch_model.bin': readFileSync(`${FIXTURES}archive.bin`),
};
const CARD_FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'verselet.json', 'verselet.safetensors'];

let server: HubServer;
let folder: string;
let out: string;

beforeAll(async () => {
  server = await startHub();
});
afterAll(() => server.stop());
beforeEach(async () => {
  server.reset();
  folder = await mkdtemp(join(tmpdir(), 'convert-'));
  out = join(folder, 'out');
});
afterEach(() => rm(folder, { recursive: true }));

test('a model of the hub becomes a folder, also when the connection is cut', async () => {
  const commit = server.addRepo('org/old', OLD, { license: 'mit' });
  server.inject({ kind: 'cut', match: 'pytorch_model.bin', on: 'cdn', at: 0.3 });
  const phases = new Set<string>();
  const card = await convertModel({ from: 'org/old', out, hub: server.url, onProgress: (phase) => phases.add(phase) });
  expect(card).toMatchObject({ id: 'old', license: 'mit', dialect: 'plain', selfTest: { prompt: [3] } });
  expect(card['provenance']).toContain(commit);
  expect([...phases]).toEqual(['download', 'pack']);
  expect(readdirSync(out).sort()).toEqual(CARD_FILES);
  expect(readPacked(readFileSync(join(out, 'verselet.safetensors'))).config.layers).toBe(2);
  expect(server.requests('README')).toEqual([]);
  const again = await convertModel({ from: out, out: join(folder, 'again') }).catch((error: unknown) => error);
  expect(again).toMatchObject({ code: 'unsupported-model' });
});

test('changed bytes are refused, and nothing is left behind', async () => {
  server.addRepo('org/old', OLD);
  server.inject({ kind: 'flip', match: 'pytorch_model.bin', on: 'cdn', times: 9 });
  await expect(convertModel({ from: 'org/old', out, hub: server.url })).rejects.toMatchObject({ code: 'integrity' });
  expect(readdirSync(out)).toEqual([]);
});

test('what is no model is refused', async () => {
  const { 'pytorch_model.bin': _, ...bare } = OLD;
  server.addRepo('org/bare', bare);
  await expect(convertModel({ from: 'org/bare', out, hub: server.url })).rejects.toMatchObject({ code: 'unsupported-model' });
  await expect(convertModel({ from: 'org/none', out, hub: server.url })).rejects.toMatchObject({ code: 'model-not-found' });
  await expect(convertModel({ from: 'no-folder', out })).rejects.toMatchObject({ code: 'bad-request' });
  await expect(convertModel({ from: '../x/y', out })).rejects.toMatchObject({ code: 'bad-request' });
});
