/** What opening a model of the hub will mean, said before anything large is fetched. */

import { parseConfig } from '../convert/config.ts';
import { packedBytes } from '../convert/pack-checkpoint.ts';
import { VerseletError } from '../errors.ts';
import { fetchFile } from './download.ts';
import { keptRevision, planHubModel } from './hub-model.ts';
import type { ModelPlan, OpenContext } from './model-files.ts';
import { parseHub, parseModelSpec } from './model-id.ts';
import type { OpenModelOptions } from './open-model.ts';
import { openContext } from './open-model.ts';

export interface ModelPreview {
  id: string;
  /** Commit. */
  revision: string;
  license: string;
  /** Whether it is on this device already: nothing will travel. */
  kept: boolean;
  /** Whether a checkpoint will be packed after its download. */
  packs: boolean;
  /** Bytes that will travel, unless some of them came earlier. */
  downloadBytes: number;
  /** Bytes that will be kept, for packed models to within a few kilobytes. */
  keptBytes: number;
}

/**
 * Asks the hub for the listing and config.json, nothing else; a kept model is not asked about.
 * @param model `org/name[@revision]`.
 * @throws VerseletError `bad-request` for what is no hub id; `unsupported-model`, `model-not-found`, `hub-refused`,
 *   `network`, `aborted`.
 */
export async function inspectModel(model: unknown, options: OpenModelOptions): Promise<ModelPreview> {
  const hub = parseHub(options.hub);
  const spec = parseModelSpec(model);
  if (spec.kind !== 'hub')
    throw new VerseletError('bad-request', 'Only models of the hub, org/name, can be looked up.');
  const context = await openContext({ ...options, onProgress: undefined });
  const { precision = 'packed', device = 'auto' } = options;
  const wanted = { hub, id: spec.id, revision: spec.revision, precision, device };
  const kept = await keptRevision(context, wanted);
  if (kept !== undefined) {
    const keptBytes = kept.files.reduce((sum, file) => sum + file.size, 0);
    const { id, revision, license } = kept;
    return { id, revision, license, kept: true, packs: false, downloadBytes: 0, keptBytes };
  }
  return preview(context, await planHubModel(context, wanted));
}

async function preview(context: OpenContext, plan: ModelPlan): Promise<ModelPreview> {
  const file = plan.files.find((file) => file.path === 'config.json');
  if (file === undefined) throw new VerseletError('unsupported-model', 'This model has no config.json.');
  const { bytes } = await fetchFile(context, file);
  const config = parseConfig(readJson(bytes));
  const sum = (files: readonly { size?: number }[]): number => files.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const { id, revision, license, from } = plan;
  return {
    id,
    revision,
    license,
    kept: false,
    packs: from !== undefined,
    downloadBytes: sum(plan.files) + sum(from?.files ?? []),
    keptBytes: sum(plan.files) + (from === undefined ? 0 : packedBytes(config)),
  };
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new VerseletError('unsupported-model', 'config.json of this model is no valid JSON.', { cause });
  }
}
