/** From what stands in `model` to verified files in memory. */

import type { VerseletError } from '../errors.ts';
import { throwIfAborted } from '../errors.ts';
import { memberFor } from './catalog.ts';
import type { OnWriteFailure } from './chunk-writer.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { type Folder, foreseeIndex, openDefault, openFolder } from './folder-model.ts';
import { Foresight } from './foresight.ts';
import { openHubModel } from './hub-model.ts';
import type { Locks } from './lease.ts';
import { browserLocks } from './lease.ts';
import type { OpenContext } from './model-files.ts';
import { parseHub, parseModelSpec } from './model-id.ts';
import { openModelStore } from './open-store.ts';
import type { PackCheckpoint } from './packing.ts';
import { packCheckpoint } from './packing.ts';
import { ProgressMeter } from './progress.ts';
import { Transient } from './retry.ts';
import type { ModelStore } from './store.ts';
import type { LoadProgress, ModelFiles } from './types.ts';

export interface OpenModelOptions {
  /** Address of the hub; default https://huggingface.co. */
  hub?: string;
  /** Absolute URL of the folder that holds `models/`. */
  base: string;
  /** Default `packed`. */
  precision?: 'packed' | 'source';
  device?: 'auto' | 'webgpu' | 'wasm';
  onProgress?(progress: LoadProgress): void;
  /** Told when the work goes on without something: `storage-blocked` or `quota` (the model is not kept), or a failed update. */
  onNotice?(error: VerseletError): void;
  /** An abort keeps what was downloaded. */
  signal?: AbortSignal;
  /** What a full disk does: `throw` (default) ends with `quota`, `memory` goes on without keeping the model. */
  onWriteFailure?: OnWriteFailure;
  /** Packs checkpoints of the hub, by default with `src/convert`; null: they are used as they are. */
  pack?: PackCheckpoint | null;
  /** Default: IndexedDB, or memory where there is none. */
  store?: ModelStore;
  fetch?: typeof fetch;
  clock?: Clock;
  /** Default: the browser's Web Locks; null: none. */
  locks?: Locks | null;
}

/**
 * Opens a model: from the store without any request for its bytes, else from the page's own folder, a model folder
 * anywhere, or the hub; downloaded with resume, verified, kept.
 * @param model undefined (the default of `models/index.json`), an embedded id, `org/name[@revision]`, or a folder's URL.
 * @throws VerseletError `bad-request`, `model-not-found`, `unsupported-model`, `network`, `hub-refused`, `integrity`,
 *   `quota`, `out-of-memory`, `aborted`.
 */
export async function openModel(model: unknown, options: OpenModelOptions): Promise<ModelFiles> {
  const hub = parseHub(options.hub);
  // A set without an emotion is its neutral member.
  const spec = parseModelSpec(typeof model === 'string' ? memberFor(model, 'neutral') : model);
  throwIfAborted(options.signal);
  const base = options.base.endsWith('/') ? options.base : `${options.base}/`;
  const foresight = new Foresight(options.fetch ?? ((input, init) => globalThis.fetch(input, init)));
  const foresee = (url: string, init: RequestInit): void => foresight.send(url, init);
  if (spec.kind === 'default') foreseeIndex({ foresee }, base);
  const context = { ...(await openContext({ ...options, fetch: foresight.fetch })), foresee };
  const { meter, net } = context;
  meter.phase('resolve', '', net.clock.now());
  const precision = options.precision ?? 'packed';
  const device = options.device ?? 'auto';
  try {
    if (spec.kind === 'hub') {
      const { id, revision } = spec;
      return await openHubModel(context, { hub, id, revision, precision, device });
    }
    if (spec.kind === 'url') {
      return await openFolder(context, { url: spec.url, id: spec.url, hub: '', precision, device, prefix: 'folder' });
    }
    const home = { hub: `${base}models/`, precision, device, prefix: 'embedded' } as const;
    const folderOf = (id: string): Folder => ({ ...home, id, url: `${base}models/${id}/` });
    return await (spec.kind === 'default' ? openDefault(context, base, folderOf) : openFolder(context, folderOf(spec.id)));
  } catch (error) {
    throw error instanceof Transient ? error.error : error;
  } finally {
    meter.flush(net.clock.now());
    foresight.close();
  }
}

/** Store, network and the rest, with the options' defaults. */
export async function openContext(options: OpenModelOptions): Promise<OpenContext> {
  const clock = options.clock ?? systemClock;
  const notice = (error: VerseletError): void => options.onNotice?.(error);
  return {
    net: {
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      clock,
      ...(options.signal !== undefined && { signal: options.signal }),
    },
    store: options.store ?? (await openModelStore(notice, clock)),
    locks: options.locks === null ? undefined : (options.locks ?? browserLocks()),
    meter: new ProgressMeter((progress) => options.onProgress?.(progress)),
    onWriteFailure: options.onWriteFailure ?? 'throw',
    pack: options.pack === null ? undefined : (options.pack ?? packCheckpoint),
    notice,
  };
}
