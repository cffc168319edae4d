/** Finds a GPT-2's tensors in a checkpoint under the names and layouts that fine-tunes really have. */
import type { Gpt2Config } from './types.ts';
import type { Checkpoint, CheckpointTensor } from './tensor.ts';
import type { TensorSpec } from './layout.ts';
import { unsupported } from './bytes.ts';
import { checkConfig } from './config.ts';
import { HEAD, tensorSpecs } from './layout.ts';
import { elementBytes, readElements } from './tensor.ts';

/** Elements compared to tell a head of its own from a copy of the embedding. */
const SAMPLE = 4096;
/** Buffers of old transformers versions: the causal mask, not weights. */
const BUFFERS = /\.attn\.(masked_)?bias$/;

export interface PlacedTensor extends TensorSpec {
  tensor: CheckpointTensor;
  /** Stored as [in, out], as GPT-2's Conv1D does. */
  transposed: boolean;
}

export interface ResolvedCheckpoint {
  /** With the vocabulary and the context that the tensors really have. */
  config: Gpt2Config;
  /** Whether the head is untied. */
  head: boolean;
  /** In the order of {@link tensorSpecs}. */
  tensors: PlacedTensor[];
}

/**
 * Matches a checkpoint with the shape of a GPT-2: any prefix before `wte.weight`, Conv1D ([in, out]) or Linear layers,
 * a resized vocabulary, tied or separate head; buffers are passed over.
 * @throws VerseletError `unsupported-model` for missing, surplus or ill-shaped tensors.
 */
export async function resolveCheckpoint(
  checkpoint: Checkpoint,
  config: Gpt2Config,
  signal?: AbortSignal,
): Promise<ResolvedCheckpoint> {
  const prefix = findPrefix(checkpoint);
  const find = (name: string): CheckpointTensor => {
    const tensor = checkpoint.get(prefix + name);
    if (tensor === undefined) throw unsupported(`The checkpoint has no ${name}.`);
    return tensor;
  };
  const wte = find('wte.weight');
  const real = checkConfig({ ...config, vocab: wte.shape[0], context: find('wpe.weight').shape[0] });
  const headTensor = await findHead(checkpoint, real, wte, signal);
  const specs = tensorSpecs(real, headTensor !== undefined);
  refuseSurplus(checkpoint, prefix, specs);
  // The fused projection is never square, so it shows which way all the linear layers are stored.
  const conv1d = same(find('h.0.attn.c_attn.weight').shape, [real.width, 3 * real.width]);
  const tensors = specs.map((spec): PlacedTensor => {
    const tensor = spec.name === HEAD ? headTensor! : find(spec.name);
    const transposed = spec.role === 'linear' && conv1d;
    const wanted = transposed ? spec.shape.toReversed() : spec.shape;
    if (!same(tensor.shape, wanted)) {
      throw unsupported(`${spec.name} has the shape [${String(tensor.shape)}] instead of [${String(wanted)}].`);
    }
    elementBytes(tensor);
    return { ...spec, tensor, transposed };
  });
  return { config: real, head: headTensor !== undefined, tensors };
}

/** The order in which the file holds them, so that a download goes on without jumps. */
export function inFileOrder(tensors: readonly PlacedTensor[]): PlacedTensor[] {
  return tensors.toSorted((a, b) => a.tensor.position - b.tensor.position);
}

function findPrefix(checkpoint: Checkpoint): string {
  const found = [...checkpoint.keys()].find((name) => name === 'wte.weight' || name.endsWith('.wte.weight'));
  if (found === undefined) throw unsupported('The checkpoint has no token embedding (wte.weight): it is no GPT-2.');
  return found.slice(0, -'wte.weight'.length);
}

/** The head where it is one of its own: by the config's word, or, where that is silent, by its numbers. */
async function findHead(
  checkpoint: Checkpoint,
  config: Gpt2Config,
  wte: CheckpointTensor,
  signal?: AbortSignal,
): Promise<CheckpointTensor | undefined> {
  if (config.tied === true) return undefined;
  const name = [...checkpoint.keys()].find((name) => name === HEAD || name.endsWith(`.${HEAD}`));
  const head = name === undefined ? undefined : checkpoint.get(name);
  if (head === undefined) {
    if (config.tied === false) throw unsupported('The config says that the head is separate, but the checkpoint has none.');
    return undefined;
  }
  if (config.tied === false) return head;
  if (head.source === wte.source && head.offset === wte.offset) return undefined;
  if (!same(head.shape, wte.shape)) return head;
  return (await sampleEqual(head, wte, signal)) ? undefined : head;
}

/** A head trained apart differs everywhere, so the beginning and the end are enough to tell. */
async function sampleEqual(a: CheckpointTensor, b: CheckpointTensor, signal?: AbortSignal): Promise<boolean> {
  const total = a.shape.reduce((product, n) => product * n, 1);
  const count = Math.min(SAMPLE, total);
  for (const from of [0, total - count]) {
    const [left, right] = [await readElements(a, from, count, signal), await readElements(b, from, count, signal)];
    if (left.some((value, i) => value !== right[i])) return false;
  }
  return true;
}

function refuseSurplus(checkpoint: Checkpoint, prefix: string, specs: readonly TensorSpec[]): void {
  const known = new Set(specs.map((spec) => prefix + spec.name));
  for (const name of checkpoint.keys()) {
    const inside = name.startsWith(`${prefix}h.`) && !known.has(name) && !BUFFERS.test(name);
    if (inside) throw unsupported(`The checkpoint has a tensor that no GPT-2 of this size has: ${name.slice(0, 80)}.`);
  }
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
