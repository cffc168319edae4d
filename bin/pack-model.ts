/**
 * Packs a trained model, given in the hub's layout, into public/models/<id>, and lists it in public/models/index.json:
 *   npm run pack-model -- DIR --id ID [--default] [--title TEXT] [--card FILE]
 * DIR has model.safetensors, config.json, tokenizer.json and tokenizer_config.json. FILE is JSON whose fields (license,
 * provenance, bitsPerByte, ...) go into verselet.json; what an earlier verselet.json said is kept where FILE is silent.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bytesSource, asBytes } from '../src/convert/bytes.ts';
import { loadCheckpoint, openSafetensors } from '../src/convert/checkpoint.ts';
import { parseConfig } from '../src/convert/config.ts';
import { toHalves } from '../src/convert/half.ts';
import { packWeights } from '../src/convert/pack.ts';
import { readPacked } from '../src/convert/packed.ts';
import { greedyTokens, referenceModel } from '../src/convert/reference.ts';
import { writeSafetensors } from '../src/convert/safetensors.ts';
import { readElements } from '../src/convert/tensor.ts';

const MODELS = 'public/models';
const WEIGHTS = 'verselet.safetensors';
const SOURCE = 'model.safetensors';
const SELF_TEST_TOKENS = 8;
const CHECK_TOKENS = 64;
/** The cue that a `plan` model starts a poem with; other models start at the end-of-text token. */
const PLAN_CUE = ['<|poem|>', '<|joy|>', '<|line|>'];
const PLAIN_CUE = ['<|endoftext|>'];

type Json = Record<string, unknown>;

interface Options {
  from: string;
  id: string;
  card: Json;
  title?: string;
  makeDefault: boolean;
}

function readJson(file: string): Json {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Json) : {};
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

function options(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      id: { type: 'string' },
      title: { type: 'string' },
      card: { type: 'string' },
      default: { type: 'boolean', default: false },
    },
  });
  const [from] = positionals;
  if (from === undefined || values.id === undefined) throw new Error('Usage: npm run pack-model -- DIR --id ID');
  return { from, id: values.id, card: values.card ? readJson(values.card) : {}, title: values.title, makeDefault: values.default };
}

/** The checkpoint with every tensor in half precision. */
async function halfCheckpoint(file: Uint8Array): Promise<Uint8Array> {
  const tensors = [];
  for (const [name, tensor] of await openSafetensors(bytesSource(file))) {
    const count = tensor.shape.reduce((product, n) => product * n, 1);
    const data = asBytes(toHalves(await readElements(tensor, 0, count)));
    tensors.push({ name, dtype: 'F16', shape: tensor.shape, data });
  }
  return writeSafetensors(tensors, { format: 'pt' });
}

function cueIds(tokenizer: Json): { dialect: 'plan' | 'plain'; prompt: number[] } {
  const added = tokenizer['added_tokens'] as { content: string; id: number }[];
  const ids = new Map(added.map(({ content, id }) => [content, id]));
  const dialect = ids.has('<|plan|>') ? 'plan' : 'plain';
  return { dialect, prompt: (dialect === 'plan' ? PLAN_CUE : PLAIN_CUE).map((cue) => ids.get(cue)!) };
}

function updateIndex({ id, title, makeDefault }: Options, entry: Json): void {
  const file = join(MODELS, 'index.json');
  const index = readJson(file);
  const models = ((index['models'] ?? []) as Json[]).filter((model) => model['id'] !== id);
  const shown = title ?? ((index['models'] ?? []) as Json[]).find((model) => model['id'] === id)?.['title'] ?? id;
  writeJson(file, {
    default: makeDefault ? id : (index['default'] ?? id),
    models: [...models, { id, title: shown, ...entry }],
  });
}

async function main(): Promise<void> {
  const chosen = options();
  const out = join(MODELS, chosen.id);
  mkdirSync(out, { recursive: true });
  const earlier = readJson(join(out, 'verselet.json'));
  const config = parseConfig(readJson(join(chosen.from, 'config.json')));
  const { dialect, prompt } = cueIds(readJson(join(chosen.from, 'tokenizer.json')));
  const full = readFileSync(join(chosen.from, SOURCE));
  const weights = await loadCheckpoint(bytesSource(full), config);
  const files = new Map<string, Uint8Array>([
    [WEIGHTS, packWeights(weights)],
    ['config.json', readFileSync(join(chosen.from, 'config.json'))],
    ['tokenizer.json', readFileSync(join(chosen.from, 'tokenizer.json'))],
    ['tokenizer_config.json', readFileSync(join(chosen.from, 'tokenizer_config.json'))],
    [SOURCE, await halfCheckpoint(full)],
  ]);
  const half = await loadCheckpoint(bytesSource(files.get(SOURCE)!), config);
  const [exact, halved] = [weights, half].map((w) => greedyTokens(referenceModel(w), prompt, CHECK_TOKENS));
  if (String(exact) !== String(halved)) console.warn('The fp16 source says other greedy tokens than the fp32 checkpoint.');
  const tokens = greedyTokens(referenceModel(readPacked(files.get(WEIGHTS)!)), prompt, SELF_TEST_TOKENS);
  for (const [name, bytes] of files) writeFileSync(join(out, name), bytes);
  const sums = [...files].map(([name, bytes]) => {
    return [name, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }] as const;
  });
  const card = {
    license: 'Apache-2.0',
    ...earlier,
    ...chosen.card,
    format: 1,
    id: chosen.id,
    dialect,
    weights: WEIGHTS,
    source: SOURCE,
    dtype: 'q4',
    files: Object.fromEntries(sums),
    selfTest: { prompt, tokens },
  };
  writeJson(join(out, 'verselet.json'), card);
  updateIndex(chosen, { bytes: files.get(WEIGHTS)!.length, dialect, license: card.license });
  console.log(`${chosen.id}: ${files.get(WEIGHTS)!.length} bytes packed, ${files.get(SOURCE)!.length} in half precision.`);
}

await main();
