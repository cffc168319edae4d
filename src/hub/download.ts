/**
 * One file from the network into memory and the store: resumed where it stopped, verified before first use.
 * Nothing that this module returns has a wrong length or hash.
 */

import type { ByteSource } from '../convert/types.ts';
import { VerseletError } from '../errors.ts';
import type { OnWriteFailure } from './chunk-writer.ts';
import { MAX_FILE_BYTES } from './chunk-writer.ts';
import { FileDownload } from './file-download.ts';
import type { Net } from './http.ts';
import type { Locks } from './lease.ts';
import { withLease } from './lease.ts';
import type { ProgressMeter } from './progress.ts';
import type { Sink } from './sink.ts';
import { MemorySink, PassingSink } from './sink.ts';
import type { ModelStore } from './store.ts';

/** A file that a listing or card announced. */
export interface RemoteFile {
  path: string;
  url: string;
  /** Key in the store: `sha256-<hex>` where the hash is known, else an address that names one version. */
  key: string;
  size?: number;
  /** 64 hex digits. */
  sha256?: string;
}

export interface DownloadContext {
  net: Net;
  store: ModelStore;
  locks: Locks | undefined;
  meter: ProgressMeter;
  onWriteFailure: OnWriteFailure;
}

/** What is known of a file after its download. */
export interface Verified {
  sha256: string;
  /** Why it could not be kept in the store; undefined when it is there. */
  notKept?: VerseletError;
}

/** A file in memory, of the announced length and hash. */
export interface VerifiedFile extends Verified {
  bytes: Uint8Array;
}

/**
 * Takes the file from the store, or downloads what is missing of it; one tab at a time.
 * @throws VerseletError `network`, `hub-refused`, `model-not-found`, `integrity`, `quota`, `out-of-memory`, `aborted`.
 *   What had arrived stays stored, except after `integrity`.
 */
export async function fetchFile(context: DownloadContext, file: RemoteFile): Promise<VerifiedFile> {
  checkSize(file);
  const sink = new MemorySink(file.size);
  return { ...(await download(context, file, sink)), bytes: sink.bytes() };
}

/**
 * As {@link fetchFile}, but the file goes to the store and only what that cannot take stays in memory.
 * @returns random access to the verified bytes.
 */
export async function fetchSource(
  context: DownloadContext,
  file: RemoteFile,
): Promise<Verified & { source: ByteSource }> {
  checkSize(file);
  const source = new PassingSink(context.store, file.key);
  return { ...(await download(context, file, source)), source };
}

function checkSize({ path, size }: RemoteFile): void {
  if (size === undefined || size <= MAX_FILE_BYTES) return;
  throw new VerseletError('unsupported-model', `${path} is larger than two gigabytes.`);
}

function download(context: DownloadContext, file: RemoteFile, sink: Sink): Promise<Verified> {
  const { net, locks } = context;
  const run = (): Promise<Verified> => new FileDownload(context, file, sink).run();
  return withLease(locks, `download:${file.key}`, net.signal, run);
}
