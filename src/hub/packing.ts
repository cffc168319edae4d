/** The seam to `src/convert`: a checkpoint travels, its packed form is kept. */

import { openCheckpoint, openShards } from '../convert/checkpoint.ts';
import { parseConfig } from '../convert/config.ts';
import { packTensors } from '../convert/pack-checkpoint.ts';
import type { PackedTensor } from '../convert/packed.ts';
import { assemblePacked } from '../convert/packed.ts';
import { readAhead } from '../convert/read-ahead.ts';
import { resolveCheckpoint } from '../convert/resolve.ts';
import type { ByteSource } from '../convert/types.ts';
import { VerseletError, asVerseletError, throwIfAborted } from '../errors.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { DownloadContext, RemoteFile, VerifiedFile } from './download.ts';
import { fetchSource } from './download.ts';
import { withLease } from './lease.ts';
import { sha256Hex } from './sha256.ts';
import { MemorySink } from './sink.ts';

/** A checkpoint file: `model.safetensors`, `pytorch_model.bin`, or one shard of them. */
export interface CheckpointFile {
  path: string;
  source: ByteSource;
}

export interface PackOptions {
  /** config.json, parsed. */
  config: unknown;
  /** The index of a sharded checkpoint, parsed. */
  index?: unknown;
  signal?: AbortSignal;
  /** Bytes of the checkpoint that are packed, and all of them. */
  onProgress?(done: number, total: number): void;
}

/**
 * Packs a checkpoint into our own format.
 * @returns the bytes of a `verselet.safetensors`.
 * @throws VerseletError `unsupported-model`, `aborted`, and what the sources throw.
 */
export type PackCheckpoint = (files: CheckpointFile[], options: PackOptions) => Promise<Uint8Array>;

/** Packs with `src/convert`, tensor by tensor. */
export const packCheckpoint: PackCheckpoint = async (files, { config, index, signal, onProgress }) => {
  const ahead = new Map(files.map(({ path, source }) => [path, readAhead(source)]));
  const checkpoint =
    index === undefined
      ? await openCheckpoint(ahead.get(files[0]!.path)!, signal)
      : await openShards(index, async (path) => ahead.get(path), signal);
  const resolved = await resolveCheckpoint(checkpoint, parseConfig(config), signal);
  const tensors: PackedTensor[] = [];
  for await (const tensor of packTensors(resolved, { signal, onProgress })) tensors.push(tensor);
  return assemblePacked(resolved.config, tensors);
};

/** What a packed file is made of. */
export interface PackSource {
  files: RemoteFile[];
  index?: unknown;
}

export interface PackContext extends DownloadContext {
  pack: PackCheckpoint | undefined;
}

/**
 * The packed weights: from the store, else made of the checkpoint, which is downloaded, packed, and forgotten.
 * @param file where the packed form is kept; its `sha256` is known once it was made.
 * @param from undefined when only a kept copy can serve.
 * @throws as `fetchFile`; `integrity` when the kept copy is damaged and `from` is unknown; what `pack` throws.
 */
export async function obtainPacked(
  context: PackContext,
  file: RemoteFile,
  from: PackSource | undefined,
  config: unknown,
): Promise<VerifiedFile> {
  const { locks, net } = context;
  return withLease(locks, `pack:${file.key}`, net.signal, async () => {
    const kept = await readMade(context, file);
    if (kept !== undefined) return kept;
    if (from === undefined || context.pack === undefined) {
      throw new VerseletError('integrity', 'The packed weights that were kept here are damaged.', {
        hint: 'Connect to the network and open the model again.',
      });
    }
    return make(context, file, from, config);
  });
}

async function readMade(context: PackContext, file: RemoteFile): Promise<VerifiedFile | undefined> {
  const { store, meter, net } = context;
  if (!store.persistent) return undefined;
  const expected = file.sha256 ?? (await hashOfMade(context, file.key));
  if (expected === undefined) return undefined;
  const sink = new MemorySink(file.size);
  await store.readChunks(file.key, (bytes) => sink.append(bytes));
  meter.advance(file.path, sink.length, 0, net.clock.now());
  const sha256 = await sink.sha256();
  return sha256 === expected ? { bytes: sink.bytes(), sha256 } : undefined;
}

/** The hash under which another tab, or a visit that ended before its manifest, kept the packed form. */
async function hashOfMade({ store }: PackContext, key: string): Promise<string | undefined> {
  const staging = await store.staging(key);
  if (staging !== undefined) return staging.sha256;
  const files = (await store.manifests()).flatMap((manifest) => manifest.files);
  return files.find((file) => file.key === key)?.sha256;
}

async function make(context: PackContext, file: RemoteFile, from: PackSource, config: unknown): Promise<VerifiedFile> {
  const { store, net, meter } = context;
  const sources: CheckpointFile[] = [];
  for (const shard of from.files)
    sources.push({ path: shard.path, source: (await fetchSource(context, shard)).source });
  meter.phase('pack', file.path, net.clock.now());
  const bytes = await context.pack!(sources, {
    config,
    index: from.index,
    ...(net.signal !== undefined && { signal: net.signal }),
    onProgress(done, total) {
      meter.expect(file.path, total);
      meter.advance(file.path, done, 0, net.clock.now());
    },
  });
  throwIfAborted(net.signal);
  const sha256 = await sha256Hex(bytes);
  const notKept = await keepMade(context, file, { bytes, sha256 });
  // Only the packed form is kept; a checkpoint that stays by accident is swept later.
  if (store.persistent) for (const shard of from.files) await store.dropFile(shard.key).catch(() => undefined);
  return notKept === undefined ? { bytes, sha256 } : { bytes, sha256, notKept };
}

/** The packed form is made and in memory: a full disk only means that it is not kept. */
async function keepMade(
  context: PackContext,
  file: RemoteFile,
  made: VerifiedFile,
): Promise<VerseletError | undefined> {
  const { store } = context;
  if (!store.persistent) return undefined;
  const sink = new MemorySink(made.bytes.byteLength);
  sink.append(made.bytes);
  const writer = new ChunkWriter(store, file.key, sink, 'memory');
  const record = { url: '', size: made.bytes.byteLength, etag: null };
  try {
    // First, so that no sweep takes the chunks for nobody's; again with the hash, which says that they are complete.
    await store.stage(file.key, record);
    await writer.finish();
    if (writer.failure === undefined) await store.stage(file.key, { ...record, sha256: made.sha256 });
    return writer.failure;
  } catch (error) {
    return asVerseletError(error, 'storage-blocked');
  }
}
