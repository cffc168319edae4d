import { describe, expect, it } from 'vitest';
import type { DeviceInfo, ModelPreview } from '../worker/client.ts';
import { initialState } from './session-state.ts';
import { deviceSentence, previewSentence, questionSentence } from './status.ts';

const device: DeviceInfo = { kind: 'wasm', name: 'CPU', threads: 1, why: 'The CPU computes, because WebGPU found no GPU here.' };
const preview: ModelPreview = { id: 'org/a', revision: 'r', license: 'MIT', kept: false, packs: true, downloadBytes: 510e6, keptBytes: 82e6 };

describe('the device line', () => {
  it('is one sentence, with one because', () => {
    expect(deviceSentence({ ...initialState, phase: 'writing', device })).toBe('Writes on your CPU, because WebGPU found no GPU here.');
    expect(deviceSentence({ ...initialState, phase: 'done', device })).toBe('Written on your CPU, because WebGPU found no GPU here.');
  });

  it('names the GPU where the browser names it', () => {
    const gpu: DeviceInfo = { kind: 'webgpu', name: 'apple m2', threads: 1, why: 'A GPU is the fastest device here.' };
    expect(deviceSentence({ ...initialState, device: gpu })).toBe('Written on your GPU: apple m2. A GPU is the fastest device here.');
    expect(deviceSentence({ ...initialState, device: { ...gpu, name: 'GPU' } })).toBe('Written on your GPU. A GPU is the fastest device here.');
  });

  it('gives the engine’s own sentence where that has no because, and nothing without a device', () => {
    const why = 'The CPU is the next choice.';
    expect(deviceSentence({ ...initialState, device: { ...device, why } })).toBe(`Written on your CPU. ${why}`);
    expect(deviceSentence(initialState)).toBe('');
  });
});

describe('what a download means', () => {
  it('tells what travels and what stays', () => {
    expect(previewSentence(preview)).toBe(
      'This fetches 510 MB once, packs the model into four bits here, and keeps 82 MB on this device. Licence: MIT.',
    );
    expect(previewSentence({ ...preview, packs: false, license: '' })).toBe('This fetches 510 MB once and keeps it on this device.');
    expect(previewSentence({ ...preview, kept: true })).toMatch(/nothing will be fetched/);
  });

  it('says when the connection is paid for, and when the size is not known', () => {
    expect(questionSentence({ model: 'org/a', preview, metered: true })).toMatch(/^org\/a: .*510 MB.*paid by the byte\.$/);
    expect(questionSentence({ model: 'https://example.org/m/', metered: true })).toMatch(/not known/);
  });
});
