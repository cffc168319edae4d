import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesSource } from './bytes.ts';
import { loadCheckpoint, openCheckpoint, openShards } from './checkpoint.ts';
import { parseConfig } from './config.ts';
import { openGraph } from './fixtures/graph-session.fixture.ts';
import { packWeights } from './pack.ts';
import { packCheckpoint, packTensors, packedBytes } from './pack-checkpoint.ts';
import { assemblePacked } from './packed.ts';
import type { PackedTensor } from './packed.ts';
import { greedyTokens, referenceModel } from './reference.ts';
import { resolveCheckpoint } from './resolve.ts';
import { parseSafetensors, writeSafetensors } from './safetensors.ts';
import type { ByteSource } from './types.ts';

/** Written by fixtures/make_fixtures.py: what PyTorch says of the checkpoint. */
interface Fixture {
  file: string;
  config: Record<string, unknown>;
  prompt: number[];
  tokens: number[];
  logits: number[];
}

const FOLDER = 'src/convert/fixtures/';
const fixtures = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(FOLDER + name, 'utf8')) as Fixture);

const bytesOf = ({ file }: Fixture) => new Uint8Array(readFileSync(FOLDER + file));
const named = (file: string) => fixtures.find((fixture) => fixture.file === file)!;
const unsupported = expect.objectContaining({ code: 'unsupported-model' }) as Error;

async function collect(tensors: AsyncGenerator<PackedTensor>): Promise<PackedTensor[]> {
  const all: PackedTensor[] = [];
  for await (const tensor of tensors) all.push(tensor);
  return all;
}

describe.each(fixtures)('$file', (fixture) => {
  const config = parseConfig(fixture.config);

  test('the logits and 64 greedy tokens are PyTorch’s', async () => {
    const model = referenceModel(await loadCheckpoint(bytesSource(bytesOf(fixture)), config));
    const last = model.forward(fixture.prompt).slice(-fixture.logits.length);
    expect(Math.max(...last.map((value, i) => Math.abs(value - fixture.logits[i]!)))).toBeLessThan(1e-3);
    expect(greedyTokens(model, fixture.prompt, fixture.tokens.length)).toEqual(fixture.tokens);
  });

  test('the unquantized graph says the same', async () => {
    const graph = await openGraph(await loadCheckpoint(bytesSource(bytesOf(fixture)), config), 'f32');
    const last = await graph.forward(fixture.prompt, 1);
    expect(Math.max(...last.map((value, i) => Math.abs(value - fixture.logits[i]!)))).toBeLessThan(1e-3);
    expect(await graph.greedy(fixture.prompt, fixture.tokens.length)).toEqual(fixture.tokens);
    await graph.close();
  });

  test('packed as it streams, in two sittings, it is the file that packing it in memory gives', async () => {
    const source = bytesSource(bytesOf(fixture));
    const resolved = await resolveCheckpoint(await openCheckpoint(source), config);
    const progress: number[] = [];
    const first: PackedTensor[] = [];
    for await (const tensor of packTensors(resolved)) if (first.push(tensor) === 5) break;
    const skip = new Map(first.map((tensor) => [tensor.name, tensor]));
    const rest = await collect(packCheckpoint(source, config, { skip, onProgress: (done, total) => progress.push(done / total) }));
    const tensors = new Map([...first, ...rest].map((tensor) => [tensor.name, tensor]));
    const whole = packWeights(await loadCheckpoint(source, config));
    expect(Buffer.compare(assemblePacked(resolved.config, [...tensors.values()]), whole)).toBe(0);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(Math.abs(packedBytes(resolved.config) - whole.length)).toBeLessThan(8192);
  });
});

test('a head of its own is used when the config is silent, a copy of the embedding is not', async () => {
  const { tie_word_embeddings: _, ...silent } = named('halves.bin').config;
  const untied = await loadCheckpoint(bytesSource(bytesOf(named('halves.bin'))), parseConfig(silent));
  expect(untied.head).toBeDefined();
  const tied = await loadCheckpoint(bytesSource(bytesOf(named('archive.bin'))), parseConfig(named('archive.bin').config));
  expect(tied.head).toBeUndefined();
  const both = { ...named('tiny.safetensors').config, tie_word_embeddings: false };
  await expect(loadCheckpoint(bytesSource(bytesOf(named('tiny.safetensors'))), parseConfig(both))).rejects.toThrow(unsupported);
});

describe('sharded checkpoints', () => {
  const fixture = named('wide.safetensors');
  const bytes = bytesOf(fixture);
  const tensors = [...parseSafetensors(bytes).tensors].map(([name, entry]) => {
    return { name, ...entry, data: bytes.subarray(entry.begin, entry.end) };
  });
  const files = new Map<string, ByteSource>();
  const map: Record<string, string> = {};
  tensors.forEach(({ name }, i) => (map[name] = `model-0000${i % 3}-of-00003.safetensors`));
  for (const file of new Set(Object.values(map))) {
    files.set(file, bytesSource(writeSafetensors(tensors.filter(({ name }) => map[name] === file), {})));
  }

  test('are read like one file', async () => {
    const checkpoint = await openShards({ weight_map: map }, async (file) => files.get(file));
    const resolved = await resolveCheckpoint(checkpoint, parseConfig(fixture.config));
    const [whole, parts] = [await collect(packCheckpoint(bytesSource(bytes), parseConfig(fixture.config))), await collect(packTensors(resolved))];
    const [a, b] = [parts, whole].map((tensors) => assemblePacked(resolved.config, tensors)) as [Uint8Array, Uint8Array];
    expect(Buffer.compare(a, b)).toBe(0);
  });

  test('with a missing shard, a missing tensor, or a path for a name are refused', async () => {
    const open = async (file: string) => files.get(file);
    await expect(openShards({ weight_map: { ...map, more: 'model-00004.safetensors' } }, open)).rejects.toThrow(unsupported);
    await expect(openShards({ weight_map: { ...map, more: tensors[0] && map[tensors[0].name] } }, open)).rejects.toThrow(unsupported);
    await expect(openShards({ weight_map: { a: '../secret' } }, async () => bytesSource(bytes))).rejects.toThrow(unsupported);
    await expect(openShards([], open)).rejects.toThrow(unsupported);
  });
});

describe('refusals', () => {
  const fixture = named('tiny.safetensors');
  const source = bytesSource(bytesOf(fixture));

  test.each([
    ['another model', { model_type: 'llama' }],
    ['no model type', { model_type: undefined }],
    ['an absurd width', { n_embd: 1e9 }],
    ['a fraction', { n_layer: 1.5 }],
    ['heads that do not divide the width', { n_head: 5 }],
    ['another activation', { activation_function: 'relu' }],
    ['attention scaled by layer', { scale_attn_by_inverse_layer_idx: true }],
  ])('%s', (_, change) => {
    expect(() => parseConfig({ ...fixture.config, ...change })).toThrow(unsupported);
  });

  test.each([
    ['more layers than the file has', { n_layer: 2 }],
    ['another width', { n_embd: 64 }],
    ['another inner width', { n_inner: 64 }],
  ])('%s', async (_, change) => {
    await expect(loadCheckpoint(source, parseConfig({ ...fixture.config, ...change }))).rejects.toThrow(unsupported);
  });

  test('fewer layers than the file has', async () => {
    const deep = named('deep.safetensors');
    const config = parseConfig({ ...deep.config, n_layer: 11 });
    await expect(loadCheckpoint(bytesSource(bytesOf(deep)), config)).rejects.toThrow(unsupported);
  });

  test('no config', () => {
    for (const json of [null, [], 'gpt2', {}]) expect(() => parseConfig(json)).toThrow(unsupported);
  });
});
