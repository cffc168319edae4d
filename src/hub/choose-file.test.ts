import { describe, expect, it } from 'vitest';
import type { Wanted } from './choose-file.ts';
import { chooseWeights } from './choose-file.ts';
import type { HubFile } from './hub-api.ts';

const MB = 1_000_000;
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  precision: 'packed',
  device: 'auto',
  canPack: true,
  ...more,
});
const list = (sizes: Record<string, number>): HubFile[] =>
  Object.entries(sizes).map(([path, size]) => ({ path, size }));

/** The hub's listings as they are. */
const XENOVA_DISTIL = list({
  'config.json': 900,
  'onnx/decoder_model.onnx': 330 * MB,
  'onnx/decoder_model_fp16.onnx': 165 * MB,
  'onnx/decoder_model_merged.onnx': 330 * MB,
  'onnx/decoder_model_merged_quantized.onnx': 84.9 * MB,
  'onnx/decoder_with_past_model_quantized.onnx': 84 * MB,
  'onnx/decoder_model_quantized.onnx': 84 * MB,
});
const COMMUNITY_GPT2 = list({
  'onnx/model.onnx': 498 * MB,
  'onnx/model_fp16.onnx': 249 * MB,
  'onnx/model_q4.onnx': 498 * MB,
  'onnx/model_q4f16.onnx': 249 * MB,
  'onnx/model_int8.onnx': 280 * MB,
});

describe('chooseWeights', () => {
  it('takes the small merged graph of Xenova/distilgpt2, and an unrounded one for the GPU or the source', () => {
    const pick = (more: Partial<Wanted>) => chooseWeights(XENOVA_DISTIL, wanted(more));
    expect(pick({})).toMatchObject({ kind: 'file', format: 'onnx', dtype: 'int8', file: { size: 84.9 * MB } });
    expect(pick({ device: 'webgpu' })).toMatchObject({
      dtype: 'f32',
      file: { path: 'onnx/decoder_model_merged.onnx' },
    });
    expect(pick({ precision: 'source' })).toMatchObject({ file: { path: 'onnx/decoder_model_merged.onnx' } });
  });

  it('goes by size: a q4 file that is not quantized does not win', () => {
    const choice = chooseWeights(COMMUNITY_GPT2, wanted());
    expect(choice.kind === 'file' && choice.file.size).toBe(249 * MB);
  });

  it('packs a checkpoint where it can, and uses it as it is where it cannot', () => {
    const files = list({ 'pytorch_model.bin': 515 * MB, 'config.json': 900 });
    expect(chooseWeights(files, wanted())).toMatchObject({ kind: 'pack', shards: [{ path: 'pytorch_model.bin' }] });
    expect(chooseWeights(files, wanted({ canPack: false }))).toMatchObject({ kind: 'file', format: 'checkpoint' });
    expect(chooseWeights(files, wanted({ precision: 'source' }))).toMatchObject({ kind: 'file', format: 'checkpoint' });
    const both = [...files, ...list({ 'model.safetensors': 498 * MB })];
    expect(chooseWeights(both, wanted())).toMatchObject({ shards: [{ path: 'model.safetensors' }] });
    expect(chooseWeights([...both, ...list({ 'verselet.json': 999 })], wanted())).toEqual({ kind: 'card' });
  });

  it('packs a sharded checkpoint, every shard of one kind', () => {
    const files = list({
      'model-00001-of-00002.safetensors': 9,
      'model-00002-of-00002.safetensors': 9,
      'model.safetensors.index.json': 9,
      'pytorch_model-00001-of-00002.bin': 9,
    });
    const choice = chooseWeights(files, wanted());
    expect(choice.kind === 'pack' && choice.shards.map((shard) => shard.path)).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
    ]);
  });

  it.each([
    [{}],
    [{ 'README.md': 5 }],
    [{ 'onnx/model.onnx': 1 * MB, 'onnx/model.onnx_data': 500 * MB }],
    [{ 'model.safetensors': 1e15 }],
    [{ 'model.safetensors': -1 }],
    [{ 'model.safetensors': 0.5 }],
    [{ 'tf_model.h5': 500 * MB }],
  ])('finds nothing to run in %j', (files) => {
    expect(() => chooseWeights(list(files as Record<string, number>), wanted())).toThrow(
      expect.objectContaining({ code: 'unsupported-model' }),
    );
  });
});
