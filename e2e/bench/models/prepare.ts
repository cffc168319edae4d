/**
 * Writes the models of the benchmark, each in the file formats of all contenders, from the same weights:
 *   node bin/run.mjs e2e/bench/models/prepare.ts FOLDER [--small]
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesSource } from '../../../src/convert/bytes.ts';
import { loadCheckpoint } from '../../../src/convert/checkpoint.ts';
import { parseConfig, writeConfig } from '../../../src/convert/config.ts';
import { packWeights } from '../../../src/convert/pack.ts';
import type { Gpt2Config, Gpt2Weights } from '../../../src/convert/types.ts';
import { randomWeights } from '../../../src/engine/random-weights.ts';
import { gguf, type GgufPrecision, type GgufVocabulary } from './gguf.ts';
import { HUB_FILES, hubOnnx, type HubPrecision } from './hub-onnx.ts';

interface Model {
  id: string;
  weights: Gpt2Weights;
  vocabulary: GgufVocabulary;
  config: unknown;
  /** tokenizer.json and tokenizer_config.json, where the model has them. */
  tokenizer: [string, Uint8Array][];
  onnx: HubPrecision[];
  gguf: GgufPrecision[];
}

/** The model that the page itself takes. */
const { default: DEFAULT } = JSON.parse(readFileSync('public/models/index.json', 'utf8')) as { default: string };
const EMBEDDED = join('public/models', DEFAULT);
const SHAPE = { layers: 12, heads: 12, width: 768, inner: 3072, layerNormEpsilon: 1e-5 };
/** GPT-2 small; random weights are as good as any for the speed. */
const SMALL: Gpt2Config = { ...SHAPE, vocab: 50257, context: 1024 };
/** The embedded model's shape has room for this many positions where cost is measured against the context. */
const LONG_CONTEXT = 1056;

/** GPT-2's printable stand-ins for bytes, then spellings that no text has. */
function inventedVocabulary(size: number): GgufVocabulary {
  const printable = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let spare = 256;
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : spare++));
  const tokens = [...bytes, ...Array.from({ length: size - 256 }, (_, i) => `token${i}`)];
  return { tokens, merges: [`${bytes[97]} ${bytes[98]}`], control: new Set([size - 1]), endOfText: size - 1 };
}

function vocabularyOf(tokenizer: Uint8Array, size: number): GgufVocabulary {
  const { model, added_tokens: added } = JSON.parse(new TextDecoder().decode(tokenizer)) as {
    model: { vocab: Record<string, number>; merges: (string | string[])[] };
    added_tokens: { id: number; content: string }[];
  };
  const tokens = Array.from({ length: size }, (_, id) => `[unused ${id}]`);
  for (const [text, id] of Object.entries(model.vocab)) tokens[id] = text;
  for (const { id, content } of added) tokens[id] = content;
  const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  const endOfText = added.find(({ content }) => content === '<|endoftext|>')!.id;
  return { tokens, merges, control: new Set(added.map(({ id }) => id)), endOfText };
}

function embeddedConfig(): unknown {
  return JSON.parse(readFileSync(join(EMBEDDED, 'config.json'), 'utf8'));
}

async function embedded(): Promise<Model> {
  const file = (name: string): Uint8Array => readFileSync(join(EMBEDDED, name));
  const config = embeddedConfig();
  const weights = await loadCheckpoint(bytesSource(file('model.safetensors')), parseConfig(config));
  const names = ['tokenizer.json', 'tokenizer_config.json'];
  return {
    id: 'embedded',
    weights,
    vocabulary: vocabularyOf(file('tokenizer.json'), weights.config.vocab),
    config,
    tokenizer: names.map((name) => [name, file(name)]),
    onnx: ['fp32', 'fp16', 'q8', 'q4', 'q4f16'],
    gguf: ['F32', 'Q8_0'],
  };
}

function invented(id: string, config: Gpt2Config, onnx: HubPrecision[], gguf: GgufPrecision[]): Model {
  const vocabulary = inventedVocabulary(config.vocab);
  const { endOfText } = vocabulary;
  const json = { ...writeConfig(config), architectures: ['GPT2LMHeadModel'], bos_token_id: endOfText, eos_token_id: endOfText };
  return { id, weights: randomWeights(config), vocabulary, config: json, tokenizer: [], onnx, gguf };
}

function write(folder: string, { id, weights, vocabulary, config, tokenizer, onnx, gguf: types }: Model): void {
  const at = (...path: string[]): string => join(folder, id, ...path);
  mkdirSync(at('onnx'), { recursive: true });
  writeFileSync(at('config.json'), JSON.stringify(config));
  writeFileSync(at('generation_config.json'), '{}');
  for (const [name, bytes] of tokenizer) writeFileSync(at(name), bytes);
  writeFileSync(at('packed.safetensors'), packWeights(weights));
  for (const precision of onnx) writeFileSync(at('onnx', HUB_FILES[precision]), hubOnnx(weights, precision));
  for (const type of types) writeFileSync(at(`${type}.gguf`), gguf(weights, vocabulary, type));
}

const [, , folder, ...flags] = process.argv;
if (!folder) throw new Error('Usage: node bin/run.mjs e2e/bench/models/prepare.ts FOLDER [--small]');
/** Written again only when the embedded model or this code changed. */
const sources = [`${EMBEDDED}/model.safetensors`, ...['prepare', 'gguf', 'hub-onnx'].map((name) => `e2e/bench/models/${name}.ts`)];
const stamp = sources.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex')).join('\n');
const fresh = (id: string): boolean => existsSync(join(folder, id, 'stamp')) && readFileSync(join(folder, id, 'stamp'), 'utf8') === stamp;
const makers: Record<string, () => Model | Promise<Model>> = {
  embedded,
  long: () => invented('long', { ...parseConfig(embeddedConfig()), context: LONG_CONTEXT }, [], []),
  ...(flags.includes('--small') && { small: () => invented('small', SMALL, ['fp32', 'q8'], ['F32', 'Q8_0']) }),
};
for (const [id, make] of Object.entries(makers)) {
  if (fresh(id)) continue;
  write(folder, await make());
  writeFileSync(join(folder, id, 'stamp'), stamp);
}
