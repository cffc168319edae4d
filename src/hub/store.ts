/**
 * What is kept of models. Keys of the database:
 *   ['c', file, i]               chunk i of a file: CHUNK bytes, the last one fewer
 *   ['s', file]                  staging record: the file is being downloaded
 *   ['m', hub, id, rev, variant] manifest: the model is complete; written once, last, after verification
 *   ['u', hub, id, rev, variant] when it was last used
 *   ['j', address]               last good copy of a small JSON file (index, card)
 * `file` names content (`sha256-<hex>`) where the hash is known, so that models share equal files.
 */

import type { Clock } from './clock.ts';
import type { Key, KeyValue } from './key-value.ts';

export const CHUNK = 1024 * 1024;
/** Chunks read at once: bounds the memory besides the file itself. */
const READ_BATCH = 8;
/** An interrupted download is kept so long. */
const STAGING_MS = 14 * 24 * 3600 * 1000;

export interface ManifestFile {
  path: string;
  /** Where it came from, asked again only when the kept copy is damaged; '' for what was made here. */
  url: string;
  /** Key of the chunks. */
  key: string;
  size: number;
  sha256: string;
}

/** A complete model. */
export interface Manifest {
  schema: 1;
  /** Address of the hub, or of the folder that holds an embedded model; '' for a URL model. */
  hub: string;
  id: string;
  revision: string;
  /** What resolved to `revision` when it was asked for: branches, tags, commits; '' is the default. */
  refs: string[];
  /** `packed`, `source`: which precision was kept. */
  variant: string;
  files: ManifestFile[];
  weights: string;
  format: 'packed' | 'checkpoint' | 'onnx';
  dialect: 'plan' | 'plain';
  dtype: string;
  license: string;
  startToken?: string;
  /** verselet.json, where the folder has one. */
  card?: unknown;
  verifiedAt: number;
}

export interface Staging {
  url: string;
  size: number | null;
  etag: string | null;
  /** Of a file that was made here and is complete. */
  sha256?: string;
  touchedAt: number;
}

/** What names a kept model. */
export type KeptName = Pick<Manifest, 'hub' | 'id' | 'revision' | 'variant'>;

/** The model store; every verb throws `storage-blocked` when the database fails, writes `quota` when it is full. */
export class ModelStore {
  readonly #kv: KeyValue;
  readonly #clock: Clock;

  constructor(kv: KeyValue, clock: Clock) {
    this.#kv = kv;
    this.#clock = clock;
  }

  get persistent(): boolean {
    return this.#kv.persistent;
  }

  /** Reads something. @throws VerseletError `storage-blocked` when the database fails. */
  async probe(): Promise<void> {
    await this.#kv.getMany([['probe']]);
  }

  async #get(key: Key): Promise<unknown> {
    return (await this.#kv.getMany([key]))[0];
  }

  /**
   * Hands the chunks of a file to `take`, in order, until one is missing; a short chunk is the last.
   * @returns the bytes handed over.
   */
  async readChunks(file: string, take: (bytes: Uint8Array, at: number) => void): Promise<number> {
    let at = 0;
    for (let first = 0; ; first += READ_BATCH) {
      const keys = Array.from({ length: READ_BATCH }, (_, i): Key => ['c', file, first + i]);
      for (const value of await this.#kv.getMany(keys)) {
        if (!(value instanceof Uint8Array) || value.byteLength > CHUNK) return at;
        take(value, at);
        at += value.byteLength;
        if (value.byteLength < CHUNK) return at;
      }
    }
  }

  /** A whole file of `size` bytes; shorter where chunks are missing. */
  async readFile(file: string, size: number): Promise<Uint8Array> {
    const keys = Array.from({ length: Math.max(1, Math.ceil(size / CHUNK)) }, (_, i): Key => ['c', file, i]);
    const chunks = (await this.#kv.getMany(keys)).filter((value) => value instanceof Uint8Array);
    if (chunks.length === 1) return chunks[0]!;
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return bytes;
  }

  async readChunk(file: string, index: number): Promise<Uint8Array | undefined> {
    const value = await this.#get(['c', file, index]);
    return value instanceof Uint8Array ? value : undefined;
  }

  /** Writes chunk `index`; `bytes` must own its buffer. */
  async writeChunk(file: string, index: number, bytes: Uint8Array): Promise<void> {
    await this.#kv.setMany([[['c', file, index], bytes]]);
  }

  async staging(file: string): Promise<Staging | undefined> {
    return (await this.#get(['s', file])) as Staging | undefined;
  }

  async stage(file: string, record: Omit<Staging, 'touchedAt'>): Promise<void> {
    await this.#kv.setMany([[['s', file], { ...record, touchedAt: this.#clock.now() }]]);
  }

  /** Forgets a file's chunks and staging, whole or half. */
  async dropFile(file: string): Promise<void> {
    const keys = (await this.#kv.keys()).filter(([kind, name]) => (kind === 'c' || kind === 's') && name === file);
    await this.#kv.delMany(keys);
  }

  /** Makes the model present: the manifest and the end of the staging records in one transaction-sized step. */
  async keep(manifest: Manifest): Promise<void> {
    const name = nameKey(manifest);
    await this.#kv.setMany([
      [['m', ...name], manifest],
      [['u', ...name], this.#clock.now()],
    ]);
    await this.#kv.delMany(manifest.files.map((file): Key => ['s', file.key]));
  }

  async used(manifest: Manifest): Promise<void> {
    await this.#kv.setMany([[['u', ...nameKey(manifest)], this.#clock.now()]]);
  }

  /** Manifests of all complete models, or of those of one id. */
  async manifests(of?: { hub: string; id: string }): Promise<Manifest[]> {
    const keys = (await this.#kv.keys()).filter(
      ([kind, hub, id]) => kind === 'm' && (of === undefined || (hub === of.hub && id === of.id)),
    );
    const values = (await this.#kv.getMany(keys)) as (Manifest | undefined)[];
    return values.filter((manifest) => manifest?.schema === 1) as Manifest[];
  }

  /** Complete models with the time of their last use in milliseconds, the last used first. */
  async list(): Promise<{ manifest: Manifest; lastUsed: number }[]> {
    const manifests = await this.manifests();
    const used = await this.#kv.getMany(manifests.map((manifest): Key => ['u', ...nameKey(manifest)]));
    const kept = manifests.map((manifest, i) => {
      const time = used[i];
      return { manifest, lastUsed: typeof time === 'number' ? time : manifest.verifiedAt };
    });
    return kept.sort((a, b) => b.lastUsed - a.lastUsed);
  }

  /** Forgets a model; files that another model shares stay. */
  async remove(model: KeptName): Promise<void> {
    const name = nameKey(model);
    const all = await this.manifests();
    const same = (manifest: Manifest): boolean => JSON.stringify(nameKey(manifest)) === JSON.stringify(name);
    const shared = new Set(all.filter((other) => !same(other)).flatMap((other) => other.files.map((file) => file.key)));
    await this.#kv.delMany([
      ['m', ...name],
      ['u', ...name],
    ]);
    for (const manifest of all.filter(same)) {
      for (const file of manifest.files) if (!shared.has(file.key)) await this.dropFile(file.key);
    }
  }

  /** Drops chunks that belong to no complete model and no recent download. @returns the number of keys dropped. */
  async sweep(): Promise<number> {
    const keys = await this.#kv.keys();
    const stagingKeys = keys.filter(([kind]) => kind === 's');
    const staging = (await this.#kv.getMany(stagingKeys)) as (Staging | undefined)[];
    // After the staging records: `keep` writes the manifest before it deletes them, so one of the two is seen.
    const manifests = await this.manifests();
    const now = this.#clock.now();
    const named = new Set<unknown>(manifests.flatMap((manifest) => manifest.files.map((file) => file.key)));
    const old = stagingKeys.filter(([, file], i) => {
      const age = now - (staging[i]?.touchedAt ?? -Infinity);
      if (age < STAGING_MS) named.add(file);
      return age >= STAGING_MS;
    });
    const orphans = keys.filter(([kind, file]) => kind === 'c' && !named.has(file));
    if (orphans.length + old.length > 0) await this.#kv.delMany([...orphans, ...old]);
    return orphans.length + old.length;
  }

  /** Bytes of complete models and number of them; halves and small JSON files are not counted. */
  async usage(): Promise<{ models: number; bytes: number }> {
    const manifests = await this.manifests();
    const sizes = new Map(
      manifests.flatMap((manifest) => manifest.files.map((file) => [file.key, file.size] as const)),
    );
    return { models: manifests.length, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
  }

  /** The last good copy of a small JSON file. */
  async readJson(address: string): Promise<unknown> {
    return this.#get(['j', address]);
  }

  async writeJson(address: string, value: unknown): Promise<void> {
    await this.#kv.setMany([[['j', address], value]]);
  }
}

function nameKey(model: KeptName): string[] {
  return [model.hub, model.id, model.revision, model.variant];
}
