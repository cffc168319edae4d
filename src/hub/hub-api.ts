/** The hub's API: a revision resolved to its commit, the listing of a commit, addresses of files. */

import { VerseletError } from '../errors.ts';
import type { Net } from './http.ts';
import { fetchJson, hostOf } from './http.ts';

/** Bytes of an answer of the API at most: repositories of checkpoints list thousands of files. */
const ANSWER_LIMIT = 16 * 1024 * 1024;
/** Pages of a listing at most, a thousand files each. */
const MAX_PAGES = 20;

export interface HubRevision {
  commit: string;
  license: string;
}

/** A file of a listing. */
export interface HubFile {
  path: string;
  /** Bytes. */
  size?: number;
  /** Of files that the hub keeps outside git; 64 hex digits. */
  sha256?: string;
  /** What tells one version of the file from another where no commit does (an ETag). */
  version?: string;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nonsense(url: string, what: string): VerseletError {
  return new VerseletError('hub-refused', `${hostOf(url)} answered with ${what} that makes no sense.`, {
    hint: 'Check the address of the hub.',
  });
}

/**
 * What `ref` (a branch, tag or commit) of a model is today.
 * @throws VerseletError `model-not-found`, `hub-refused`, `network`, `aborted`.
 */
export async function resolveRevision(net: Net, hub: string, id: string, ref: string): Promise<HubRevision> {
  const url = `${hub}/api/models/${id}/revision/${encodeURIComponent(ref)}`;
  const { value } = await fetchJson(net, url, `${id} at revision ${ref}`, ANSWER_LIMIT, { cache: 'no-cache' });
  const { sha, cardData, tags } = isRecord(value) ? value : {};
  if (typeof sha !== 'string' || !/^[0-9A-Za-z]{7,64}$/.test(sha)) throw nonsense(url, `a description of ${id}`);
  return { commit: sha, license: licenseOf(cardData, tags) };
}

function licenseOf(card: unknown, tags: unknown): string {
  const license = isRecord(card) ? card.license : undefined;
  if (typeof license === 'string' && license.length <= 100) return license;
  const list: unknown[] = Array.isArray(tags) ? tags : [];
  const tag = list.find((tag) => typeof tag === 'string' && /^license:.{1,100}$/.test(tag));
  return typeof tag === 'string' ? tag.slice('license:'.length) : 'not stated';
}

/**
 * All files of a commit.
 * @throws VerseletError `unsupported-model` for names that leave the folder; else as {@link resolveRevision}.
 */
export async function listFiles(net: Net, hub: string, id: string, commit: string): Promise<HubFile[]> {
  const files: HubFile[] = [];
  let url: string | undefined = `${hub}/api/models/${id}/tree/${commit}?recursive=1`;
  for (let page = 0; url !== undefined && page < MAX_PAGES; page += 1) {
    const { value, response } = await fetchJson(net, url, `the files of ${id}`, ANSWER_LIMIT);
    if (!Array.isArray(value)) throw nonsense(url, `a listing of ${id}`);
    for (const entry of value as unknown[])
      if (isRecord(entry) && entry.type !== 'directory') files.push(readEntry(entry));
    url = nextPage(response, url);
  }
  return files;
}

function readEntry({ path, size, lfs }: Record<string, unknown>): HubFile {
  if (typeof path !== 'string' || leavesFolder(path)) {
    throw new VerseletError('unsupported-model', 'The listing of this model names a file outside its folder.');
  }
  const { oid, size: lfsSize } = isRecord(lfs) ? lfs : {};
  const bytes = typeof lfsSize === 'number' ? lfsSize : size;
  return {
    path,
    ...(typeof bytes === 'number' && { size: bytes }),
    ...(typeof oid === 'string' && /^[0-9a-f]{64}$/.test(oid) && { sha256: oid }),
  };
}

function leavesFolder(path: string): boolean {
  const odd = path.startsWith('/') || path.includes('\\') || path.includes('\0') || /^[a-z][a-z0-9+.-]*:/i.test(path);
  return odd || path.split('/').some((part) => part === '..' || part === '.' || /%2e/i.test(part));
}

/** The `Link: <…>; rel="next"` of a long listing, where CORS shows it and it stays on the hub. */
function nextPage(response: Response, current: string): string | undefined {
  const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  if (link === undefined || !URL.canParse(link, current)) return undefined;
  const next = new URL(link, current);
  return next.origin === new URL(current).origin ? next.href : undefined;
}

/** Address of a file's bytes; it redirects to wherever they lie today, so it is asked again for every connection. */
export function fileUrl(hub: string, id: string, commit: string, path: string): string {
  return `${hub}/${id}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}
