import type { Gpt2Weights, LayerNorm, Linear, Matrix } from '../../convert/types.ts';
import type { WeightKind } from './linear.ts';

/** A matrix on the GPU. */
export interface MatrixBuffers {
  kind: WeightKind;
  rows: number;
  cols: number;
  block: number;
  weights: GPUBuffer;
  scales?: GPUBuffer;
}

export interface LinearBuffers extends MatrixBuffers {
  bias: GPUBuffer;
}

export interface LayerBuffers {
  /** Gain, then bias: [2 × width]. */
  ln1: GPUBuffer;
  qkv: LinearBuffers;
  proj: LinearBuffers;
  ln2: GPUBuffer;
  up: LinearBuffers;
  down: LinearBuffers;
}

export interface WeightBuffers {
  wte: MatrixBuffers;
  head: MatrixBuffers;
  wpe: GPUBuffer;
  lnF: GPUBuffer;
  layers: LayerBuffers[];
}

/** A read-only storage buffer with these bytes, padded to whole words. */
export function upload(device: GPUDevice, data: ArrayBufferView, label: string): GPUBuffer {
  const size = Math.max(16, Math.ceil(data.byteLength / 16) * 16);
  const buffer = device.createBuffer({ label, size, usage: GPUBufferUsage.STORAGE, mappedAtCreation: true });
  new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  buffer.unmap();
  return buffer;
}

function uploadMatrix(device: GPUDevice, matrix: Matrix, label: string): MatrixBuffers {
  const { kind, rows, cols } = matrix;
  const weights = upload(device, matrix.data, label);
  if (matrix.kind === 'f32') return { kind, rows, cols, block: 32, weights };
  return { kind, rows, cols, block: matrix.block, weights, scales: upload(device, matrix.scales, `${label} scales`) };
}

function uploadLinear(device: GPUDevice, linear: Linear, label: string): LinearBuffers {
  return { ...uploadMatrix(device, linear.weight, label), bias: upload(device, linear.bias, `${label} bias`) };
}

function uploadNorm(device: GPUDevice, { weight, bias }: LayerNorm, label: string): GPUBuffer {
  const both = new Float32Array(weight.length * 2);
  both.set(weight);
  both.set(bias, weight.length);
  return upload(device, both, label);
}

/** All weights on the GPU, in the precision they came in. */
export function uploadWeights(device: GPUDevice, weights: Gpt2Weights): WeightBuffers {
  const wte = uploadMatrix(device, weights.wte, 'wte');
  return {
    wte,
    head: weights.head ? uploadMatrix(device, weights.head, 'head') : wte,
    wpe: upload(device, weights.wpe, 'wpe'),
    lnF: uploadNorm(device, weights.lnF, 'final norm'),
    layers: weights.layers.map((layer, index) => ({
      ln1: uploadNorm(device, layer.ln1, `layer ${index} norm 1`),
      qkv: uploadLinear(device, layer.qkv, `layer ${index} qkv`),
      proj: uploadLinear(device, layer.proj, `layer ${index} projection`),
      ln2: uploadNorm(device, layer.ln2, `layer ${index} norm 2`),
      up: uploadLinear(device, layer.up, `layer ${index} up`),
      down: uploadLinear(device, layer.down, `layer ${index} down`),
    })),
  };
}

/** Bytes of the largest single buffer that these weights need. */
export function largestBuffer(weights: Gpt2Weights): number {
  const linears = weights.layers.flatMap(({ qkv, proj, up, down }) => [qkv, proj, up, down].map(({ weight }) => weight));
  return Math.max(...[weights.wte, ...(weights.head ? [weights.head] : []), ...linears].map(({ data }) => data.byteLength));
}
