import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesSource } from './bytes.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { parseConfig } from './config.ts';
import { openGraph } from './fixtures/graph-session.fixture.ts';
import { packWeights } from './pack.ts';
import { readPacked } from './packed.ts';
import { greedyTokens, referenceModel } from './reference.ts';

const FIXTURES = 'src/convert/fixtures/';
const FOLDER = 'public/models/verse-nano/';
const packed = readPacked(readFileSync(`${FOLDER}verselet.safetensors`));
const config = parseConfig(JSON.parse(readFileSync(`${FOLDER}config.json`, 'utf8')));
const { selfTest } = JSON.parse(readFileSync(`${FOLDER}verselet.json`, 'utf8')) as {
  selfTest: { prompt: number[]; tokens: number[] };
};
const ids = [...selfTest.prompt, ...selfTest.tokens];

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

test.each([
  ['f32', 1e-3],
  ['q4f32', 1e-3],
  ['q4f16', 5e-2],
] as const)('the %s graph computes what the reference does, in one go and with a cache', async (precision, limit) => {
  const graph = await openGraph(packed, precision);
  const wanted = referenceModel(packed).forward(ids);
  expect(largestDifference(await graph.forward(ids, ids.length), wanted)).toBeLessThan(limit);
  graph.reset();
  const cut = 5;
  await graph.forward(ids.slice(0, cut), 1);
  const rest = await graph.forward(ids.slice(cut), ids.length - cut);
  expect(largestDifference(rest, wanted.subarray(cut * config.vocab))).toBeLessThan(limit);
  await graph.close();
});

test('rows that end within a block are computed without quantization', async () => {
  const { config: odd, prompt } = JSON.parse(readFileSync(`${FIXTURES}legacy.json`, 'utf8')) as { config: unknown; prompt: number[] };
  const weights = await loadCheckpoint(bytesSource(readFileSync(`${FIXTURES}legacy.bin`)), parseConfig(odd));
  const quantized = readPacked(packWeights(weights));
  const graph = await openGraph(quantized, 'q4f32');
  expect(largestDifference(await graph.forward(prompt, prompt.length), referenceModel(quantized).forward(prompt))).toBeLessThan(1e-3);
  await graph.close();
});

test('rows of a batch do not see each other, and only the last logits come', async () => {
  const graph = await openGraph(packed, 'f32');
  const rows = [ids.slice(0, 6), ids.slice(3, 9)];
  const wanted = rows.map((row) => referenceModel(packed).forward(row).slice(5 * config.vocab));
  const both = await graph.forward(rows.flat(), 1, rows.length);
  expect(largestDifference(both, Float32Array.from([...wanted[0]!, ...wanted[1]!]))).toBeLessThan(1e-3);
  await graph.close();
});

test('the unquantized graph says the same 64 greedy tokens as the reference', async () => {
  const source = await loadCheckpoint(bytesSource(readFileSync(`${FOLDER}model.safetensors`)), config);
  const graph = await openGraph(source, 'f32');
  expect(await graph.greedy(selfTest.prompt, 64)).toEqual(greedyTokens(referenceModel(source), selfTest.prompt, 64));
  await graph.close();
});
