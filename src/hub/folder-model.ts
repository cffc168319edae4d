/** Models in folders of our own layout: those that ship with the page, and those that someone hosts elsewhere. */

import { VerseletError } from '../errors.ts';
import type { Card, CardFile } from './card.ts';
import { CARD_FILE, CARD_LIMIT, parseCard, parseIndex } from './card.ts';
import { probeFolder } from './bare-folder.ts';
import { chooseWeights } from './choose-file.ts';
import type { RemoteFile } from './download.ts';
import { WebPageError, fetchJson, fetchJsonOnce } from './http.ts';
import type { Net } from './http.ts';
import { type KeptModelBytes, readKept } from './kept.ts';
import type { ModelPlan, OpenContext } from './model-files.ts';
import { isKept, obtain, planOf } from './model-files.ts';
import { planListing } from './plan-listing.ts';
import { Transient } from './retry.ts';
import type { Manifest } from './store.ts';
import type { ModelFiles } from './types.ts';

export interface Folder {
  /** Ends in a slash. */
  url: string;
  id: string;
  /** What the store files it under besides the id. */
  hub: string;
  precision: 'packed' | 'source';
  device: 'auto' | 'webgpu' | 'wasm';
  /** Prefix of the revision; the weights' hash follows. */
  prefix: 'embedded' | 'folder';
}

/** With a kept copy at hand, news of a newer one are waited for so long. */
const NEWS_TIMEOUT_MS = 4000;

/**
 * `models/index.json`, unparsed; offline, the one it was last time.
 * @throws VerseletError `network`, `hub-refused`, `model-not-found`, `aborted`.
 */
export async function readIndex({ net, store }: Pick<OpenContext, 'net' | 'store'>, base: string): Promise<unknown> {
  const url = `${base}models/index.json`;
  const kept = store.persistent ? await store.readJson(url).catch(() => undefined) : undefined;
  try {
    const index = await smallJson(net, url, 'models/index.json', kept !== undefined);
    parseIndex(index);
    if (store.persistent && JSON.stringify(index) !== JSON.stringify(kept)) {
      await store.writeJson(url, index).catch(() => undefined);
    }
    return index;
  } catch (error) {
    if (kept === undefined || isAbort(error)) throw error;
    return kept;
  }
}

/** Requests of small files look past the HTTP cache for news. */
const NEWS = { cache: 'no-cache' } as const;

/** What {@link openTransfer} would send, ahead of time. */
const EARLY: RequestInit = { ...NEWS, credentials: 'omit', referrerPolicy: 'no-referrer' };

/** Asks for `models/index.json` before there is a store to look into. */
export function foreseeIndex(context: Pick<OpenContext, 'foresee'>, base: string): void {
  context.foresee?.(`${base}models/index.json`, EARLY);
}

/**
 * Opens the model that `models/index.json` names as the default. The one that it named last time is read, and its card
 * asked for, while the index is on its way.
 * @throws as {@link readIndex} and {@link openFolder}; `unsupported-model`.
 */
export async function openDefault(
  context: OpenContext,
  base: string,
  folderOf: (id: string) => Folder,
): Promise<ModelFiles> {
  const { store } = context;
  const last = (): Promise<Folder> => store.readJson(`${base}models/index.json`).then((index) => folderOf(parseIndex(index).default));
  const likely = store.persistent ? await last().catch(() => undefined) : undefined;
  const kept = likely && keptCopy(context, likely);
  const { default: id } = parseIndex(await readIndex(context, base));
  return openFolder(context, folderOf(id), id === likely?.id ? kept : undefined);
}

/** One impatient attempt where a kept copy can stand in, else with retries. */
async function smallJson(net: Net, url: string, what: string, impatient: boolean): Promise<unknown> {
  if (!impatient) return (await fetchJson(net, url, what, CARD_LIMIT, NEWS)).value;
  const hurry = new AbortController();
  const stop = (): void => hurry.abort(net.signal?.reason);
  const cancel = net.clock.after(NEWS_TIMEOUT_MS, () => hurry.abort());
  net.signal?.addEventListener('abort', stop, { once: true });
  try {
    return (await fetchJsonOnce({ ...net, signal: hurry.signal }, url, what, CARD_LIMIT, NEWS)).value;
  } catch (error) {
    if (error instanceof Transient) throw error.error;
    if (isAbort(error) && net.signal?.aborted !== true) {
      throw new VerseletError('network', `${what} did not come in time.`, { cause: error });
    }
    throw error;
  } finally {
    cancel();
    net.signal?.removeEventListener('abort', stop);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof VerseletError && error.code === 'aborted';
}

/**
 * Opens a model folder. A kept copy serves when it is still what the folder's card says, or when the card cannot be had.
 * @param reading what is read of the kept copy already.
 * @throws as `obtain`; `model-not-found` when there is no card, also where the host sends a web page for missing files.
 */
export async function openFolder(
  context: OpenContext,
  folder: Folder,
  reading: Promise<KeptModelBytes | undefined> = keptCopy(context, folder),
): Promise<ModelFiles> {
  const early = await reading;
  const kept = early?.manifest;
  let plan: ModelPlan;
  try {
    const card = await folderCard(context, folder, kept !== undefined);
    if (card === undefined) return await openBareFolder(context, folder, kept);
    plan = planFolder(folder, card);
  } catch (error) {
    if (kept === undefined || isAbort(error)) throw error;
    return obtain(context, planOf(kept), early);
  }
  if (kept === undefined || isKept(kept, plan)) return obtainFresh(context, folder, plan, early);
  try {
    const files = await obtainFresh(context, folder, plan);
    await context.store.remove(kept).catch(() => undefined);
    return files;
  } catch (error) {
    if (isAbort(error) || !(error instanceof VerseletError)) throw error;
    context.notice(error);
    return obtain(context, planOf(kept));
  }
}

/** Obtains; where the files are newer than the card that some cache gave, with the card as it is now. */
async function obtainFresh(
  context: OpenContext,
  folder: Folder,
  plan: ModelPlan,
  early?: KeptModelBytes,
): Promise<ModelFiles> {
  try {
    return await obtain(context, plan, early);
  } catch (error) {
    if (!(error instanceof VerseletError) || error.code !== 'integrity') throw error;
    // The query passes by caches, a service worker's included.
    const url = `${folder.url}${CARD_FILE}?at=${context.net.clock.now()}`;
    const now = await smallJson(context.net, url, CARD_FILE, true).then(
      (card) => planFolder(folder, card),
      () => undefined,
    );
    if (now === undefined || JSON.stringify(now.files) === JSON.stringify(plan.files)) throw error;
    return obtain(context, now);
  }
}

/** The card, unparsed; undefined where someone's folder has none. */
async function folderCard(context: OpenContext, folder: Folder, impatient: boolean): Promise<unknown> {
  try {
    return await smallJson(context.net, folder.url + CARD_FILE, `${CARD_FILE} of ${folder.id}`, impatient);
  } catch (error) {
    const isMissing =
      error instanceof WebPageError || (error instanceof VerseletError && error.code === 'model-not-found');
    if (!isMissing) throw error;
    if (folder.prefix === 'folder') return undefined;
    throw new VerseletError('model-not-found', `This site has no model ${folder.id}.`, { cause: error });
  }
}

/** A folder of the hub's layout on any host. What is kept of it stays as it is until it is deleted. */
async function openBareFolder(context: OpenContext, folder: Folder, kept: Manifest | undefined): Promise<ModelFiles> {
  if (kept !== undefined) return obtain(context, planOf(kept));
  const files = await probeFolder(context.net, folder.url);
  const { device, precision, hub, id } = folder;
  const choice = chooseWeights(files, { precision, device, canPack: context.pack !== undefined });
  if (choice.kind === 'card') throw new VerseletError('model-not-found', `${folder.url} changes while it is read.`);
  const home = { hub, id, precision, revision: '', refs: [''], license: 'not stated' };
  return obtain(
    context,
    planListing(home, files, choice, (path) => folder.url + path),
  );
}

async function newestKept({ store }: OpenContext, { hub, id, precision }: Folder): Promise<Manifest | undefined> {
  if (!store.persistent) return undefined;
  const manifests = await store.manifests({ hub, id });
  return manifests.filter(({ variant }) => variant === precision).sort((a, b) => b.verifiedAt - a.verifiedAt)[0];
}

/** Its newest kept copy, whose bytes are being read; meanwhile its card is asked for. */
async function keptCopy(context: OpenContext, folder: Folder): Promise<KeptModelBytes | undefined> {
  context.foresee?.(folder.url + CARD_FILE, EARLY);
  const manifest = await newestKept(context, folder);
  return manifest && readKept(context.store, manifest);
}

function planFolder(folder: Folder, value: unknown): ModelPlan {
  const card = parseCard(value);
  const revision = `${folder.prefix}-${hashOf(card, card.weights).slice(0, 12)}`;
  return planFromCard({ ...folder, revision, refs: [''] }, value, (path) => folder.url + path);
}

/** What a card does not know of its model. */
export type CardHome = Pick<ModelPlan, 'hub' | 'id' | 'revision' | 'refs'> & Pick<Folder, 'precision'>;

/** @throws VerseletError `unsupported-model` when the card makes no sense or lacks the precision. */
export function planFromCard(home: CardHome, value: unknown, urlOf: (path: string) => string): ModelPlan {
  const card = parseCard(value);
  const { hub, id, revision, refs, precision } = home;
  const weights = precision === 'packed' ? card.weights : card.source;
  if (weights === undefined) {
    throw new VerseletError('unsupported-model', `${id} comes without its source weights.`, {
      hint: 'Open it in packed precision.',
    });
  }
  const files = card.files.filter(({ path }) => path === weights || NEEDED.has(path));
  const remote = ({ path, bytes, sha256 }: CardFile): RemoteFile => {
    return { path, url: urlOf(path), key: `sha256-${sha256}`, size: bytes, sha256 };
  };
  return {
    hub,
    id,
    revision,
    refs,
    variant: precision,
    files: files.map(remote),
    weights,
    format: precision === 'packed' ? 'packed' : 'checkpoint',
    dialect: card.dialect,
    dtype: precision === 'packed' ? card.dtype : 'f32',
    license: card.license,
    card: value,
    ...(card.startToken !== undefined && { startToken: card.startToken }),
  };
}

const NEEDED = new Set(['config.json', 'tokenizer.json', 'tokenizer_config.json']);

function hashOf(card: Card, path: string): string {
  return card.files.find((file) => file.path === path)!.sha256;
}
