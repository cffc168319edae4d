import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesSource } from './bytes.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { parseConfig } from './config.ts';
import { packWeights } from './pack.ts';
import { isPacked, readPacked } from './packed.ts';
import { dequantize } from './quantize.ts';
import { greedyTokens, referenceModel } from './reference.ts';

const FOLDER = 'public/models/verse-nano/';
const card = JSON.parse(readFileSync(`${FOLDER}verselet.json`, 'utf8')) as {
  selfTest: { prompt: number[]; tokens: number[] };
};
const packed = new Uint8Array(readFileSync(`${FOLDER}verselet.safetensors`));
const config = parseConfig(JSON.parse(readFileSync(`${FOLDER}config.json`, 'utf8')));

test('the packed file is what its source packs into, and reads without copies', async () => {
  const source = await loadCheckpoint(bytesSource(readFileSync(`${FOLDER}model.safetensors`)), config);
  const weights = readPacked(packed);
  expect(weights.config).toEqual(source.config);
  const up = weights.layers[1]!.up.weight;
  expect(up.kind).toBe('q4');
  expect(up.data.buffer).toBe(packed.buffer);
  const [exact, close] = [source.layers[1]!.up.weight, up].map(dequantize) as [Float32Array, Float32Array];
  const error = Math.hypot(...exact.map((v, i) => v - close[i]!).subarray(0, 4096)) / Math.hypot(...exact.subarray(0, 4096));
  expect(error).toBeLessThan(0.1);
});

test('the packed weights say the tokens of their self-test', () => {
  const { prompt, tokens } = card.selfTest;
  expect(greedyTokens(referenceModel(readPacked(packed)), prompt, tokens.length)).toEqual(tokens);
});

test('a file at an odd place in memory reads the same', () => {
  const shifted = new Uint8Array(packed.length + 3);
  shifted.set(packed, 3);
  const [a, b] = [readPacked(packed), readPacked(shifted.subarray(3))];
  expect(b.layers[0]!.qkv.bias).toEqual(a.layers[0]!.qkv.bias);
  expect(Buffer.compare(packWeights(b), packWeights(a))).toBe(0);
});

test('a checkpoint at an odd place in memory reads the same, also as a Buffer of Node', async () => {
  const file = readFileSync(`${FOLDER}model.safetensors`);
  const shifted = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
  const [a, b] = await Promise.all([file, shifted].map((bytes) => loadCheckpoint(bytesSource(bytes), config)));
  expect(b!.lnF).toEqual(a!.lnF);
});

test.each(['format', 'version', 'h.0.mlp.c_fc.weight.scales', 'wpe.weight', 'layers'])('a file with another %s is refused', (word) => {
  const text = new TextDecoder('latin1').decode(packed.subarray(0, 20_000));
  const at = text.indexOf(word);
  const damaged = packed.slice();
  damaged[at] = 'X'.charCodeAt(0);
  expect(() => readPacked(damaged)).toThrow(expect.objectContaining({ code: 'unsupported-model' }));
});

test('other bytes are told from a packed file', () => {
  expect(isPacked(packed)).toBe(true);
  expect(isPacked(new Uint8Array(readFileSync(`${FOLDER}model.safetensors`)))).toBe(false);
  expect(isPacked(new Uint8Array(4))).toBe(false);
});
