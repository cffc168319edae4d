/** What stands between a choice of model and opening it: which model a feeling means, and what its download will cost. */

import type { Emotion, PoemRequest } from '../poetry/types.ts';
import type { CatalogEntry, ModelPreview } from '../worker/client.ts';
import type { ModelChoice } from './session.ts';

/** A download larger than this is asked about first, in bytes. */
export const ASK_ABOVE = 20e6;

/** A download that the reader is asked about. */
export interface DownloadQuestion {
  model: string;
  /** Absent where the hub cannot say: a folder somewhere else. */
  preview?: ModelPreview;
  metered: boolean;
}

/** Where a desk asks. */
export interface DeskSources {
  /** @throws VerseletError */
  catalog(): Promise<readonly CatalogEntry[]>;
  /** @throws VerseletError */
  inspect(model: string, hub: string | undefined): Promise<ModelPreview>;
  isMetered(): boolean;
}

/** Whether a download of so many bytes is asked about first. */
export function asksFirst(bytes: number, metered: boolean): boolean {
  return bytes > ASK_ABOVE || (metered && bytes > 0);
}

/** The feeling that a poem begins with. */
export function leadingEmotion({ arc, emotion }: PoemRequest): Emotion {
  return arc?.[0] ?? emotion ?? 'neutral';
}

/** One desk a session: it reads the catalog once, and asks about each download once. */
export class ModelDesk {
  readonly #sources: DeskSources;
  readonly #agreed = new Set<string>();
  #catalog: readonly CatalogEntry[] | undefined;

  constructor(sources: DeskSources) {
    this.#sources = sources;
  }

  /** The choice with the member that `emotion` takes, where a set was chosen; any other choice as it is. */
  async resolve(choice: ModelChoice, emotion: Emotion): Promise<ModelChoice> {
    const { model } = choice;
    // Ids of the hub and addresses hold a slash: they are no sets, and the catalog is not asked for.
    if (model === undefined || model.includes('/')) return choice;
    this.#catalog ??= await this.#sources.catalog();
    const members = this.#catalog.find(({ id, kind }) => kind === 'set' && id === model)?.members;
    const member = members?.[emotion] ?? members?.neutral;
    return member === undefined ? choice : { ...choice, model: member };
  }

  /** What the reader is asked before a model is opened; undefined where nothing large, or nothing at all, will travel. */
  async question({ model, hub }: ModelChoice): Promise<DownloadQuestion | undefined> {
    if (model === undefined || !model.includes('/') || this.#agreed.has(key(model, hub))) return undefined;
    const metered = this.#sources.isMetered();
    if (/^https?:/i.test(model)) return metered ? { model, metered } : undefined;
    const preview = await this.#sources.inspect(model, hub);
    return asksFirst(preview.downloadBytes, metered) ? { model, preview, metered } : undefined;
  }

  /** The reader agreed: a second try, or the rest of a download, is not asked about again. */
  agree({ model, hub }: ModelChoice): void {
    if (model !== undefined) this.#agreed.add(key(model, hub));
  }
}

function key(model: string, hub: string | undefined): string {
  return JSON.stringify([model, hub]);
}
