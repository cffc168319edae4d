/** What the store has of a model, read at once, while the network is asked whether it is still right. */

import type { DownloadContext, RemoteFile, VerifiedFile } from './download.ts';
import { sha256Hex } from './sha256.ts';
import type { Manifest, ModelStore } from './store.ts';

export interface KeptModelBytes {
  manifest: Manifest;
  /** Whole files by their keys in the store, not verified; empty where the store fails. */
  bytes: Promise<ReadonlyMap<string, Uint8Array>>;
}

/** Begins to read the files of a kept model. */
export function readKept(store: ModelStore, manifest: Manifest): KeptModelBytes {
  const read = async ({ key, size }: Manifest['files'][number]): Promise<[string, Uint8Array]> => {
    return [key, await store.readFile(key, size)];
  };
  const bytes = Promise.all(manifest.files.map(read)).then(
    (files) => new Map(files),
    () => new Map<string, Uint8Array>(),
  );
  return { manifest, bytes };
}

/** The kept bytes of a file, if they are still what was announced: storage can rot. */
export async function takeKept(
  { meter, net }: DownloadContext,
  kept: KeptModelBytes | undefined,
  { path, key, size, sha256 }: RemoteFile,
): Promise<VerifiedFile | undefined> {
  const bytes = (await kept?.bytes)?.get(key);
  if (bytes === undefined || bytes.byteLength !== size || sha256 === undefined) return undefined;
  if ((await sha256Hex(bytes)) !== sha256) return undefined;
  meter.advance(path, bytes.byteLength, 0, net.clock.now());
  return { bytes, sha256 };
}
