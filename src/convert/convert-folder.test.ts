import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { convertFolder } from './convert-folder.ts';
import { folderSource, folderWriter } from './node-folder.ts';
import { packFiles } from './pack-checkpoint.ts';
import { readPacked } from './packed.ts';

const FIXTURES = 'src/convert/fixtures/';
let folder: string;
let out: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convert-'));
  out = join(folder, 'out', 'deeper');
  const { config } = JSON.parse(await readFile(`${FIXTURES}archive.json`, 'utf8')) as { config: object };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, extra: true }));
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify({ added_tokens: [{ id: 7, content: '<|endoftext|>' }] }));
  await copyFile(`${FIXTURES}archive.bin`, join(folder, 'pytorch_model.bin'));
});

afterEach(() => rm(folder, { recursive: true }));

async function convert(options = {}): Promise<Record<string, unknown>> {
  const source = folderSource(folder);
  try {
    return await convertFolder(source, folderWriter(out), { id: 'me/mine', license: 'MIT', ...options });
  } finally {
    await source.close();
  }
}

test('a folder with a PyTorch checkpoint becomes a folder of ours', async () => {
  const card = await convert();
  expect(JSON.parse(await readFile(join(out, 'verselet.json'), 'utf8'))).toEqual(card);
  expect(card).toMatchObject({ id: 'me/mine', dialect: 'plain', license: 'MIT', weights: 'verselet.safetensors', dtype: 'q4' });
  expect(card['selfTest']).toMatchObject({ prompt: [7], tokens: expect.objectContaining({ length: 8 }) as number[] });
  const weights = await readFile(join(out, 'verselet.safetensors'));
  const files = card['files'] as Record<string, { bytes: number; sha256: string }>;
  expect(Object.keys(files)).toEqual(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'verselet.safetensors']);
  expect(files['verselet.safetensors']!.bytes).toBe(weights.length);
  const { config } = readPacked(weights);
  expect(config).toMatchObject({ layers: 2, heads: 2, width: 48, vocab: 310 });
  const source = folderSource(folder);
  const given = { path: 'pytorch_model.bin', source: (await source.open('pytorch_model.bin'))! };
  const again = await packFiles([given], { config: JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as unknown });
  expect(Buffer.compare(again, weights)).toBe(0);
  await source.close();
});

test('a missing tokenizer is built, or refused', async () => {
  await rm(join(folder, 'tokenizer.json'));
  await expect(convert()).rejects.toMatchObject({ code: 'unsupported-model' });
  const card = await convert({ buildTokenizer: async () => ({ added_tokens: [] }) });
  expect(card['selfTest']).toMatchObject({ prompt: [0] });
});

test.each(['config.json', 'pytorch_model.bin'])('a folder without %s is refused, and nothing is written', async (file) => {
  await rm(join(folder, file));
  await expect(convert()).rejects.toMatchObject({ code: 'unsupported-model' });
  await expect(readFile(join(out, 'verselet.json'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a folder whose list of shards names a missing one is refused', async () => {
  const index = { weight_map: { 'wte.weight': 'model-00001-of-00002.safetensors' } };
  await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
  await expect(convert()).rejects.toMatchObject({ code: 'unsupported-model' });
});
