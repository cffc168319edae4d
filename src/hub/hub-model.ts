/** Models of the hub: revision pinned, listing read, files chosen, everything verified. */

import { VerseletError } from '../errors.ts';
import { CARD_FILE, CARD_LIMIT } from './card.ts';
import type { Choice, Wanted } from './choose-file.ts';
import { chooseWeights } from './choose-file.ts';
import { planFromCard } from './folder-model.ts';
import { fetchJson } from './http.ts';
import { fileUrl, listFiles, resolveRevision } from './hub-api.ts';
import type { ModelPlan, OpenContext } from './model-files.ts';
import { obtain, planOf } from './model-files.ts';
import { planListing } from './plan-listing.ts';
import type { Manifest } from './store.ts';
import type { ModelFiles } from './types.ts';

export interface HubModel {
  hub: string;
  /** `org/name` */
  id: string;
  /** Branch, tag or commit; undefined: the main branch, or whatever of the model is kept. */
  revision: string | undefined;
  precision: 'packed' | 'source';
  device: Wanted['device'];
}

/** Bytes of a checkpoint's index at most. */
const INDEX_LIMIT = 16 * CARD_LIMIT;

/**
 * Opens a model of the hub. A kept one is opened without asking the hub at all.
 * @throws as `obtain`; `model-not-found`, `hub-refused`.
 */
export async function openHubModel(context: OpenContext, model: HubModel): Promise<ModelFiles> {
  const kept = await keptRevision(context, model);
  if (kept !== undefined) {
    try {
      return await obtain(context, planOf(kept));
    } catch (error) {
      if (!(error instanceof VerseletError) || error.code !== 'integrity') throw error;
      // Damaged beyond what its own files can heal: as if it had never been here.
      await context.store.remove(kept).catch(() => undefined);
    }
  }
  return obtain(context, await planHubModel(context, model));
}

/** The complete copy that serves a request, where there is one. */
export async function keptRevision({ store }: OpenContext, model: HubModel): Promise<Manifest | undefined> {
  if (!store.persistent) return undefined;
  const { revision, precision } = model;
  const manifests = (await store.manifests(model)).filter(({ variant }) => variant === precision);
  const newest = manifests.sort((a, b) => b.verifiedAt - a.verifiedAt);
  if (revision === undefined) return newest.find(({ refs }) => refs.includes('')) ?? newest[0];
  return newest.find((manifest) => manifest.revision === revision || manifest.refs.includes(revision));
}

/** Asks the hub what the model is today. @throws VerseletError as {@link openHubModel}. */
export async function planHubModel(context: OpenContext, model: HubModel): Promise<ModelPlan> {
  const { net } = context;
  const { hub, id, precision, device } = model;
  const revision = await resolveRevision(net, hub, id, model.revision ?? 'main');
  const files = await listFiles(net, hub, id, revision.commit);
  const choice = chooseWeights(files, { precision, device, canPack: context.pack !== undefined });
  const refs = [model.revision ?? ''];
  if (choice.kind === 'card') {
    const url = fileUrl(hub, id, revision.commit, CARD_FILE);
    const card = await fetchJson(net, url, `${CARD_FILE} of ${id}`, CARD_LIMIT);
    const home = { hub, id, revision: revision.commit, refs, precision };
    return planFromCard(home, card.value, (path) => fileUrl(hub, id, revision.commit, path));
  }
  const home = { hub, id, revision: revision.commit, refs, precision, license: revision.license };
  const plan = planListing(home, files, choice, (path) => fileUrl(hub, id, revision.commit, path));
  if (choice.kind === 'pack' && choice.index !== undefined) {
    plan.from!.index = await readIndex(context, fileUrl(hub, id, revision.commit, choice.index), choice);
  }
  return plan;
}

/** The index of a sharded checkpoint. @throws VerseletError `unsupported-model` when it names a shard that is not listed. */
async function readIndex(
  context: OpenContext,
  url: string,
  choice: Extract<Choice, { kind: 'pack' }>,
): Promise<unknown> {
  const { value } = await fetchJson(context.net, url, choice.index!, INDEX_LIMIT);
  const map = typeof value === 'object' && value !== null ? (value as Record<string, unknown>).weight_map : undefined;
  if (typeof map !== 'object' || map === null) {
    throw new VerseletError('unsupported-model', `${choice.index} of this model names no shards.`);
  }
  const listed = new Set<unknown>(choice.shards.map((shard) => shard.path));
  const missing = Object.values(map).find((path) => !listed.has(path));
  if (missing === undefined) return value;
  throw new VerseletError('unsupported-model', `The checkpoint lacks its shard ${String(missing).slice(0, 80)}.`);
}
