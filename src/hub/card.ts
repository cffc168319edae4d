/** `models/index.json` and `verselet.json`: the layout of our own model folders, read with suspicion. */

import { VerseletError } from '../errors.ts';
import { MAX_FILE_BYTES } from './chunk-writer.ts';
import { isSafePath, parseModelSpec } from './model-id.ts';

export const CARD_FILE = 'verselet.json';
/** Bytes of a card or index at most. */
export const CARD_LIMIT = 1024 * 1024;

export interface CardFile {
  path: string;
  bytes: number;
  sha256: string;
}

export interface Card {
  dialect: 'plan' | 'plain';
  license: string;
  dtype: string;
  /** Path of the packed weights. */
  weights: string;
  /** Path of the checkpoint in its own precision, where the folder has it. */
  source?: string;
  startToken?: string;
  files: CardFile[];
}

export interface ModelIndex {
  default: string;
  /** `bytes`: what a first use downloads; 0 where the index does not say. */
  models: { id: string; bytes: number; license: string }[];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(file: string, why: string): VerseletError {
  return new VerseletError('unsupported-model', `${file} ${why}.`, {
    hint: 'Choose another model, or build this folder again with `verselet convert`.',
  });
}

function isEmbeddedId(value: unknown): value is string {
  try {
    return typeof value === 'string' && parseModelSpec(value).kind === 'embedded';
  } catch {
    return false;
  }
}

/** Reads `models/index.json`. @throws VerseletError `unsupported-model`. */
export function parseIndex(value: unknown): ModelIndex {
  const models = isRecord(value) ? value.models : undefined;
  const entries: unknown[] = Array.isArray(models) ? models : [];
  const fallback = isRecord(value) ? value.default : undefined;
  if (!isEmbeddedId(fallback)) throw damaged('models/index.json', 'names no default model');
  return { default: fallback, models: entries.flatMap(indexEntry) };
}

function indexEntry(value: unknown): ModelIndex['models'] {
  const { id, bytes, license } = isRecord(value) ? value : { id: value };
  if (!isEmbeddedId(id)) return [];
  const size = typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0;
  return [{ id, bytes: size, license: typeof license === 'string' ? license : 'not stated' }];
}

function parseFiles(value: unknown): CardFile[] {
  if (!isRecord(value)) throw damaged(CARD_FILE, 'lists no files');
  return Object.entries(value).map(([path, entry]) => {
    const { bytes, sha256 } = isRecord(entry) ? entry : {};
    if (!isSafePath(path)) throw damaged(CARD_FILE, 'lists a file outside its folder');
    const sane = typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0 && bytes <= MAX_FILE_BYTES;
    if (!sane) throw damaged(CARD_FILE, `gives no sensible size for ${path}`);
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
      throw damaged(CARD_FILE, `gives no sha256 for ${path}`);
    return { path, bytes, sha256 };
  });
}

/** Reads `verselet.json`. @throws VerseletError `unsupported-model`. */
export function parseCard(value: unknown): Card {
  if (!isRecord(value)) throw damaged(CARD_FILE, 'is no object');
  const files = parseFiles(value.files);
  const listed = (path: unknown): path is string => files.some((file) => file.path === path);
  const { weights, source, dialect, license, dtype, startToken } = value;
  if (!listed(weights)) throw damaged(CARD_FILE, 'does not list its weights');
  if (source !== undefined && !listed(source)) throw damaged(CARD_FILE, 'does not list its source weights');
  if (!listed('config.json') || !listed('tokenizer.json'))
    throw damaged(CARD_FILE, 'lacks config.json or tokenizer.json');
  if (dialect !== 'plan' && dialect !== 'plain') throw damaged(CARD_FILE, 'names no known dialect');
  return {
    dialect,
    license: typeof license === 'string' ? license : 'not stated',
    dtype: typeof dtype === 'string' ? dtype : 'q4',
    weights,
    files,
    ...(typeof source === 'string' && { source }),
    ...(typeof startToken === 'string' && { startToken }),
  };
}
