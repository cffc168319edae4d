/** Which file of a GPT-2's listing to use: by what it is and how large it is, never by how its name sounds. */

import { VerseletError } from '../errors.ts';
import { MAX_FILE_BYTES } from './chunk-writer.ts';
import { CARD_FILE } from './card.ts';
import type { HubFile } from './hub-api.ts';
import { isSafePath } from './model-id.ts';

export interface Wanted {
  precision: 'packed' | 'source';
  device: 'auto' | 'webgpu' | 'wasm';
  /** Whether a checkpoint can be packed here. */
  canPack: boolean;
}

export type Choice =
  /** The folder is of our own layout: its card says everything. */
  | { kind: 'card' }
  /** A checkpoint to pack; several files where it is sharded. */
  | { kind: 'pack'; shards: HubFile[]; index?: string }
  /** A single file that is used as it is. */
  | { kind: 'file'; file: HubFile; format: 'checkpoint' | 'onnx'; dtype: string };

/** Graphs with a KV cache inside one file, by the exporters' naming. */
const GRAPH = /^(?:onnx\/)?(?:decoder_model_merged|model)(?:_(fp16|int8|uint8|quantized|q4|q4f16|bnb4))?\.onnx$/;
/** Integer graphs compute on the CPU. */
const CPU_ONLY = new Set(['int8', 'uint8', 'quantized', 'bnb4']);
const SHARD = /^(?:model-\d{5}-of-\d{5}\.safetensors|pytorch_model-\d{5}-of-\d{5}\.bin)$/;
const INDEXES = ['model.safetensors.index.json', 'pytorch_model.bin.index.json'];
const CHECKPOINTS = ['model.safetensors', 'pytorch_model.bin'];

/**
 * @param files the listing of one commit.
 * @throws VerseletError `unsupported-model` when nothing in it can be run here.
 */
export function chooseWeights(files: readonly HubFile[], { precision, device, canPack }: Wanted): Choice {
  const usable = new Map(files.filter(isUsable).map((file) => [file.path, file]));
  if (usable.has(CARD_FILE)) return { kind: 'card' };
  const single = CHECKPOINTS.map((path) => usable.get(path)).find((file) => file !== undefined);
  const graph = chooseGraph([...usable.values()], precision, device);
  if (precision === 'packed' && canPack) {
    if (single !== undefined) return { kind: 'pack', shards: [single] };
    const index = INDEXES.find((path) => usable.has(path));
    const shards = [...usable.values()].filter((file) => SHARD.test(file.path) && sameKind(file.path, index));
    if (index !== undefined && shards.length > 0) return { kind: 'pack', shards, index };
  }
  const checkpoint: Choice | undefined = single && { kind: 'file', file: single, format: 'checkpoint', dtype: 'f32' };
  const choice = precision === 'source' ? (checkpoint ?? graph) : (graph ?? checkpoint);
  if (choice !== undefined) return choice;
  throw new VerseletError('unsupported-model', 'This repository has no GPT-2 weights that Verselet can read.', {
    hint: 'Choose a model with model.safetensors, pytorch_model.bin, or an ONNX file with its cache inside.',
  });
}

/** Of the graphs for the device: the smallest, or for `source` the largest, which is the unrounded one. */
function chooseGraph(files: HubFile[], precision: string, device: string): Choice | undefined {
  const external = new Set(files.filter((file) => file.path.includes('.onnx_data')).map((file) => file.path));
  const graphs = files.flatMap((file) => {
    const match = GRAPH.exec(file.path);
    // Weights beside the graph could point anywhere; such graphs are large ones in any case.
    if (match === null || external.has(`${file.path}_data`)) return [];
    const kind = match[1] ?? 'f32';
    return device === 'webgpu' && CPU_ONLY.has(kind) ? [] : [{ file, kind }];
  });
  const sign = precision === 'source' ? -1 : 1;
  const best = graphs.sort((a, b) => sign * ((a.file.size ?? Infinity) - (b.file.size ?? Infinity)))[0];
  return best && { kind: 'file', file: best.file, format: 'onnx', dtype: graphDtype(best.kind) };
}

function graphDtype(kind: string): string {
  if (kind === 'fp16') return 'f16';
  return kind === 'quantized' || kind === 'uint8' ? 'int8' : kind;
}

function sameKind(shard: string, index: string | undefined): boolean {
  return index !== undefined && shard.startsWith(index.split('.')[0]!) && index.includes(shard.split('.').at(-1)!);
}

function isUsable({ path, size }: HubFile): boolean {
  if (!isSafePath(path)) return false;
  return size === undefined || (Number.isSafeInteger(size) && size > 0 && size <= MAX_FILE_BYTES);
}
