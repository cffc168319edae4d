/** From a plan (which files, of which revision) to verified bytes in memory and a manifest in the store. */

import { parseConfig } from '../convert/config.ts';
import { VerseletError } from '../errors.ts';
import type { DownloadContext, RemoteFile, VerifiedFile } from './download.ts';
import { fetchFile } from './download.ts';
import type { Manifest, ManifestFile } from './store.ts';
import type { ModelFiles } from './types.ts';

/** Everything about a model but its bytes. */
export type ModelPlan = Omit<Manifest, 'schema' | 'files' | 'verifiedAt'> & { files: RemoteFile[] };

/** What opening needs besides downloading. */
export interface OpenContext extends DownloadContext {
  /** Told when the work goes on without something, e.g. `storage-blocked`: the model will not be kept. */
  notice(error: VerseletError): void;
}

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

export function parseJsonFile(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new VerseletError('unsupported-model', `${path} of this model is no valid JSON.`, { cause });
  }
}

/**
 * Takes every file of the plan from the store or the network, small ones first, and keeps the model.
 * @throws as {@link fetchFile}; `unsupported-model` when config.json is no GPT-2, before the weights are fetched.
 */
export async function obtain(context: OpenContext, plan: ModelPlan): Promise<ModelFiles> {
  const { meter, net, store } = context;
  meter.phase('download', plan.weights, net.clock.now());
  for (const file of plan.files) meter.expect(file.path, file.size ?? 0);
  const done = new Map<string, VerifiedFile>();
  const take = async (path: string): Promise<Uint8Array | undefined> => {
    const file = plan.files.find((file) => file.path === path);
    if (file === undefined) return undefined;
    done.set(path, await fetchFile(context, file));
    return done.get(path)?.bytes;
  };
  const config = parseJsonFile('config.json', (await take('config.json')) ?? new Uint8Array());
  parseConfig(config);
  const small = plan.files.map((file) => file.path).filter((path) => path !== plan.weights && path !== 'config.json');
  for (const path of small) await take(path);
  await take(plan.weights);
  meter.flush(net.clock.now());
  const kept = plan.files.map((file): ManifestFile => keptFile(file, done.get(file.path)!));
  await keep(context, plan, kept, [...done.values()]);
  const bytesOf = (path: string): Uint8Array | undefined => done.get(path)?.bytes;
  return {
    info: {
      id: plan.id,
      revision: plan.revision,
      dialect: plan.dialect,
      dtype: plan.dtype,
      bytes: kept.reduce((sum, file) => sum + file.size, 0),
      sha256: done.get(plan.weights)!.sha256,
      license: plan.license,
    },
    format: plan.format,
    weights: bytesOf(plan.weights)!,
    config,
    tokenizer: readTokenizer(bytesOf),
    ...(plan.card !== undefined && { card: plan.card }),
    ...(plan.startToken !== undefined && { startToken: plan.startToken }),
  };

  async function keep(
    context: OpenContext,
    plan: ModelPlan,
    files: ManifestFile[],
    all: VerifiedFile[],
  ): Promise<void> {
    if (!store.persistent) return;
    const failure = all.find((file) => file.notKept !== undefined)?.notKept;
    if (failure !== undefined) return context.notice(failure);
    try {
      const old = (await store.manifests(plan)).find(
        (manifest) => manifest.variant === plan.variant && isKept(manifest, plan),
      );
      if (old === undefined) await store.keep({ ...plan, files, schema: 1, verifiedAt: net.clock.now() });
      else await store.used(old);
    } catch (error) {
      // The model is whole and in memory: failing to note it down must not stop a poem.
      if (!(error instanceof VerseletError)) throw error;
      context.notice(error);
    }
  }
}

function keptFile(file: RemoteFile, { bytes, sha256 }: VerifiedFile): ManifestFile {
  return { path: file.path, url: file.url, key: file.key, size: bytes.byteLength, sha256 };
}

function readTokenizer(bytesOf: (path: string) => Uint8Array | undefined): ModelFiles['tokenizer'] {
  const json = bytesOf('tokenizer.json');
  const config = bytesOf('tokenizer_config.json');
  if (json === undefined) throw new VerseletError('unsupported-model', 'This model has no tokenizer.json.');
  return {
    json: parseJsonFile('tokenizer.json', json),
    config: config === undefined ? {} : parseJsonFile('tokenizer_config.json', config),
  };
}
