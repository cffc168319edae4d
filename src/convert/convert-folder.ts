/** What `verselet convert` does: a model folder in the hub's layout becomes a folder in ours, ready to be hosted. */
import type { ByteSource, Gpt2Config } from './types.ts';
import type { PackOptions } from './pack.ts';
import type { Checkpoint } from './tensor.ts';
import { unsupported } from './bytes.ts';
import { openCheckpoint, openShards } from './checkpoint.ts';
import { parseConfig, writeConfig } from './config.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { packTensors } from './pack-checkpoint.ts';
import { assemblePacked, readPacked } from './packed.ts';
import { greedyTokens, referenceModel } from './reference.ts';
import { resolveCheckpoint } from './resolve.ts';

/** Where the model comes from. */
export interface ModelSource {
  /** The bytes of a small file, or undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** A large file, or undefined where there is none. */
  open(path: string): Promise<ByteSource | undefined>;
}

export interface ConvertOptions extends PackOptions {
  /** What the card calls the model. */
  id: string;
  license?: string;
  /** Where the weights come from, for the card. */
  provenance?: string;
  /** The prompt that a fine-tune starts from. */
  startToken?: string;
  /** Builds tokenizer.json from the older files (vocab.json, merges.txt, ...) where the model has none. */
  buildTokenizer?(source: ModelSource): Promise<unknown>;
  signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
}

const WEIGHTS = 'verselet.safetensors';
const CHECKPOINTS = ['model.safetensors', 'pytorch_model.bin'];
const SELF_TEST_TOKENS = 8;
/** The plain computation of the self-test's tokens expands all weights: models beyond this go without. */
const SELF_TEST_LIMIT = 200_000_000;

/**
 * Reads a model and writes config.json, tokenizer.json, tokenizer_config.json, verselet.safetensors and, last, verselet.json.
 * @returns verselet.json, the card.
 * @throws VerseletError `unsupported-model`, `aborted`, and what source and `write` throw.
 */
export async function convertFolder(
  source: ModelSource,
  write: (path: string, bytes: Uint8Array) => Promise<void>,
  options: ConvertOptions,
): Promise<JsonObject> {
  const config = parseConfig(await readJson(source, 'config.json'));
  const tokenizer = (await readJson(source, 'tokenizer.json')) ?? (await options.buildTokenizer?.(source));
  if (!isObject(tokenizer)) throw unsupported('The model has no tokenizer.json.');
  const resolved = await resolveCheckpoint(await findCheckpoint(source, options.signal), config, options.signal);
  const tensors = [];
  for await (const tensor of packTensors(resolved, options)) tensors.push(tensor);
  const packed = assemblePacked(resolved.config, tensors);
  const files: [string, Uint8Array][] = [
    ['config.json', jsonBytes(writeConfig({ ...resolved.config, tied: !resolved.head }))],
    ['tokenizer.json', jsonBytes(tokenizer)],
    ['tokenizer_config.json', jsonBytes((await readJson(source, 'tokenizer_config.json')) ?? {})],
    [WEIGHTS, packed],
  ];
  const listed: JsonObject = {};
  for (const [path, bytes] of files) {
    await write(path, bytes);
    listed[path] = { bytes: bytes.length, sha256: await sha256(bytes) };
  }
  const special = specialTokens(tokenizer);
  const card = {
    format: 1,
    id: options.id,
    dialect: special.has('<|plan|>') ? 'plan' : 'plain',
    license: options.license ?? 'not stated',
    ...(options.provenance === undefined ? {} : { provenance: options.provenance }),
    weights: WEIGHTS,
    dtype: 'q4',
    ...(options.startToken === undefined ? {} : { startToken: options.startToken }),
    files: listed,
    ...selfTest(packed, resolved.config, special),
  };
  await write('verselet.json', jsonBytes(card));
  return card;
}

/** The checkpoint of a folder: in one file or in several, safetensors before PyTorch's. @throws VerseletError `unsupported-model`. */
export async function findCheckpoint(source: ModelSource, signal?: AbortSignal): Promise<Checkpoint> {
  for (const path of CHECKPOINTS) {
    const file = await source.open(path);
    if (file !== undefined) return openCheckpoint(file, signal);
    const index = await readJson(source, `${path}.index.json`);
    if (index !== undefined) return openShards(index, (shard) => source.open(shard), signal);
  }
  throw unsupported('The model has no checkpoint: neither model.safetensors nor pytorch_model.bin.');
}

function selfTest(packed: Uint8Array, { layers, width, inner, vocab }: Gpt2Config, special: ReadonlyMap<string, number>): JsonObject {
  if (layers * width * (4 * width + 2 * inner) + vocab * width > SELF_TEST_LIMIT) return {};
  const cue = special.has('<|plan|>') ? ['<|poem|>', '<|joy|>', '<|line|>'] : ['<|endoftext|>'];
  const prompt = cue.map((token) => special.get(token) ?? 0);
  return { selfTest: { prompt, tokens: greedyTokens(referenceModel(readPacked(packed)), prompt, SELF_TEST_TOKENS) } };
}

function specialTokens({ added_tokens: added }: JsonObject): Map<string, number> {
  const tokens: unknown[] = Array.isArray(added) ? added : [];
  return new Map(
    tokens.flatMap((token) => {
      const fine = isObject(token) && typeof token['content'] === 'string' && typeof token['id'] === 'number';
      return fine ? [[token['content'], token['id']] as [string, number]] : [];
    }),
  );
}

async function readJson(source: ModelSource, path: string): Promise<unknown> {
  const bytes = await source.read(path);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw unsupported(`${path} of the model is not JSON.`, cause);
  }
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
