import { expect, it } from 'vitest';
import { randomWeights, TINY_CONFIG } from '../../../src/engine/random-weights.ts';
import { gguf } from './gguf.ts';

/** Reads a header: where each tensor's data begins. */
function readTensors(file: Uint8Array): { view: DataView; tensors: Map<string, { dims: number[]; at: number }> } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 4;
  const uint32 = (): number => view.getUint32((at += 4) - 4, true);
  const uint64 = (): number => Number(view.getBigUint64((at += 8) - 8, true));
  const text = (): string => {
    const length = uint64();
    at += length;
    return new TextDecoder().decode(file.subarray(at - length, at));
  };
  const skipValue = (type: number): void => {
    if (type === 8) text();
    else at += type === 7 ? 1 : 4;
  };
  expect(uint32()).toBe(3);
  const count = uint64();
  for (let keys = uint64(); keys > 0; keys--) {
    text();
    const type = uint32();
    if (type !== 9) {
      skipValue(type);
      continue;
    }
    const element = uint32();
    for (let items = uint64(); items > 0; items--) skipValue(element);
  }
  const tensors = new Map<string, { dims: number[]; at: number }>();
  for (let i = 0; i < count; i++) {
    const name = text();
    const dims = Array.from({ length: uint32() }, uint64);
    uint32();
    tensors.set(name, { dims, at: uint64() });
  }
  const start = Math.ceil(at / 32) * 32;
  for (const tensor of tensors.values()) tensor.at += start;
  return { view, tensors };
}

it('writes every tensor where its header says', () => {
  const weights = randomWeights({ ...TINY_CONFIG, layers: 1 });
  const tokens = Array.from({ length: TINY_CONFIG.vocab }, (_, id) => `t${id}`);
  const vocabulary = { tokens, merges: ['t 1'], control: new Set([63]), endOfText: 63 };
  for (const type of ['F32', 'Q8_0'] as const) {
    const { view, tensors } = readTensors(gguf(weights, vocabulary, type));
    expect(tensors.size).toBe(5 + 12);
    const { dims, at } = tensors.get('blk.0.ffn_down.weight')!;
    expect(dims).toEqual([TINY_CONFIG.inner, TINY_CONFIG.width]);
    const first = type === 'F32' ? view.getFloat32(at, true) : view.getInt8(at + 2);
    const { data } = weights.layers[0]!.down.weight as { data: Float32Array };
    const top = Math.max(...data.subarray(0, 32).map(Math.abs));
    if (type === 'F32') expect(first).toBe(data[0]);
    else expect(Math.abs((first * top) / 127 - data[0]!)).toBeLessThan(top / 200);
    const bias = tensors.get('blk.0.ffn_down.bias')!;
    expect(view.getFloat32(bias.at, true)).toBe(weights.layers[0]!.down.bias[0]);
  }
});
