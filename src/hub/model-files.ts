/** From a plan (which files, of which revision) to verified bytes in memory and a manifest in the store. */

import { parseConfig } from '../convert/config.ts';
import { VerseletError } from '../errors.ts';
import type { DownloadContext, RemoteFile, VerifiedFile } from './download.ts';
import { fetchFile } from './download.ts';
import type { PackCheckpoint, PackSource } from './packing.ts';
import { obtainPacked } from './packing.ts';
import { type KeptModelBytes, takeKept } from './kept.ts';
import type { Manifest, ManifestFile } from './store.ts';
import { buildTokenizerJson } from './tokenizer-files.ts';
import type { ModelFiles } from './types.ts';

/** Everything about a model but its bytes. */
export type ModelPlan = Omit<Manifest, 'schema' | 'files' | 'verifiedAt'> & {
  files: RemoteFile[];
  /** The checkpoint that the weights are made of, where they are packed here. */
  from?: PackSource;
};

/** What opening needs besides downloading. */
export interface OpenContext extends DownloadContext {
  pack: PackCheckpoint | undefined;
  /** Told when the work goes on without something, e.g. `storage-blocked`: the model will not be kept. */
  notice(error: VerseletError): void;
  /** Sends a request whose answer will be wanted soon. */
  foresee?(url: string, init: RequestInit): void;
}

/** Besides the weights, no file of a GPT-2 is larger than a few megabytes. */
const SMALL_LIMIT = 64 * 1024 * 1024;

export function planOf(manifest: Manifest): ModelPlan {
  const { schema: _schema, verifiedAt: _verifiedAt, ...plan } = manifest;
  return plan;
}

/** Whether a kept model is what the plan asks for, file by file. */
export function isKept(manifest: Manifest | undefined, plan: ModelPlan): boolean {
  if (manifest?.revision !== plan.revision || manifest.files.length !== plan.files.length) return false;
  const keys = new Map(manifest.files.map((file) => [file.path, file.key]));
  return plan.files.every((file) => keys.get(file.path) === file.key);
}

/**
 * Takes every file of the plan from the store or the network, small ones first, and keeps the model.
 * @param kept what is read of the store already.
 * @throws as `fetchFile`; `unsupported-model` when config.json is no GPT-2, before the weights are fetched.
 */
export async function obtain(context: OpenContext, plan: ModelPlan, kept?: KeptModelBytes): Promise<ModelFiles> {
  const { meter, net } = context;
  const large = plan.from?.files ?? plan.files.filter((file) => file.path === plan.weights);
  const small = plan.files.filter((file) => file.path !== plan.weights);
  meter.phase('download', plan.weights, net.clock.now());
  for (const file of [...small, ...large]) meter.expect(file.path, file.size ?? 0);
  const done = new Map<string, VerifiedFile>();
  const config = await take('config.json');
  parseConfig(config);
  for (const file of small) await take(file.path);
  const tokenizer = readTokenizer(done);
  const weights = await obtainWeights(context, plan, config, kept);
  done.set(plan.weights, weights);
  meter.flush(net.clock.now());
  // A bare folder has no revision but what its weights are.
  const revision = plan.revision === '' ? `folder-${weights.sha256.slice(0, 12)}` : plan.revision;
  const files = plan.files.map((file) => manifestFile(file, done.get(file.path)!));
  await keep(context, { ...plan, revision }, files, { all: [...done.values()], kept: kept?.manifest });
  const { id, dialect, dtype, license, format, card, startToken } = plan;
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return {
    info: {
      id,
      revision,
      dialect: speaksPlan(tokenizer.json) ? 'plan' : dialect,
      dtype,
      bytes,
      sha256: weights.sha256,
      license,
    },
    format,
    weights: weights.bytes,
    config,
    tokenizer,
    ...(card !== undefined && { card }),
    ...(startToken !== undefined && { startToken }),
  };

  async function take(path: string): Promise<unknown> {
    const file = small.find((file) => file.path === path);
    if (file === undefined) throw new VerseletError('unsupported-model', `This model has no ${path}.`);
    if ((file.size ?? 0) > SMALL_LIMIT)
      throw new VerseletError('unsupported-model', `${path} of this model is too large.`);
    if (!done.has(path)) done.set(path, (await takeKept(context, kept, file)) ?? (await fetchFile(context, file)));
    return path.endsWith('.json') ? parseJsonFile(path, done.get(path)!.bytes) : undefined;
  }
}

async function obtainWeights(
  context: OpenContext,
  plan: ModelPlan,
  config: unknown,
  kept: KeptModelBytes | undefined,
): Promise<VerifiedFile> {
  const file = plan.files.find((file) => file.path === plan.weights)!;
  const known = await takeKept(context, kept, file);
  if (known !== undefined) return known;
  return file.url === '' ? obtainPacked(context, file, plan.from, config) : fetchFile(context, file);
}

/** What is known when a model is noted down. */
interface Gathered {
  all: VerifiedFile[];
  /** Its manifest of an earlier visit, where that was read. */
  kept: Manifest | undefined;
}

async function keep(context: OpenContext, plan: ModelPlan, files: ManifestFile[], { all, kept }: Gathered): Promise<void> {
  const { store, net, notice } = context;
  const failure = all.find((file) => file.notKept !== undefined)?.notKept;
  if (failure !== undefined) return notice(failure);
  if (!store.persistent) return;
  try {
    const sameVariant = (manifest: Manifest): boolean => manifest.variant === plan.variant;
    const known = kept ? [kept] : await store.manifests(plan);
    const old = known.find((manifest) => sameVariant(manifest) && isKept(manifest, plan));
    const refs = [...new Set([...(old?.refs ?? []), ...plan.refs])];
    const { from: _from, ...rest } = plan;
    // Nobody waits for the note of the time.
    if (old !== undefined && refs.length === old.refs.length) void store.used(old).catch(() => undefined);
    else await store.keep({ ...rest, refs, files, schema: 1, verifiedAt: net.clock.now() });
  } catch (error) {
    // The model is whole and in memory: failing to note it down must not stop a poem.
    if (!(error instanceof VerseletError)) throw error;
    notice(error);
  }
}

function manifestFile({ path, url, key }: RemoteFile, { bytes, sha256 }: VerifiedFile): ManifestFile {
  return { path, url, key, size: bytes.byteLength, sha256 };
}

function parseJsonFile(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new VerseletError('unsupported-model', `${path} of this model is no valid JSON.`, { cause });
  }
}

/** A model of our dialect shows by its tokens, also where no card came with it. */
function speaksPlan(tokenizer: unknown): boolean {
  const { added_tokens: added } = tokenizer as { added_tokens?: unknown };
  const spellings = new Set(
    Array.isArray(added) ? added.map((token: { content?: unknown } | null) => token?.content) : [],
  );
  return ['<|poem|>', '<|line|>', '<|plan|>', '<|end-poem|>'].every((spelling) => spellings.has(spelling));
}

/** tokenizer.json as it is, or built from the files that older models have instead. */
function readTokenizer(files: Map<string, VerifiedFile>): ModelFiles['tokenizer'] {
  const parsed = (path: string): unknown => {
    const file = files.get(path);
    return file && parseJsonFile(path, file.bytes);
  };
  const config = parsed('tokenizer_config.json') ?? {};
  const json = parsed('tokenizer.json');
  if (typeof json === 'object' && json !== null) return { json, config };
  const vocab = parsed('vocab.json');
  const merges = files.get('merges.txt')?.bytes;
  if (vocab === undefined || merges === undefined) {
    throw new VerseletError('unsupported-model', 'This model has no tokenizer.json, nor vocab.json with merges.txt.');
  }
  const built = buildTokenizerJson({
    vocab,
    merges: new TextDecoder().decode(merges),
    addedTokens: parsed('added_tokens.json'),
    specialTokensMap: parsed('special_tokens_map.json'),
    tokenizerConfig: config,
  });
  return { json: built, config };
}
