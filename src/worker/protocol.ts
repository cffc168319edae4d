/**
 * The wire between page and worker, version 1.
 *
 * The page sends `open` once; the worker answers with `progress` messages, then `opened` or `failed`. After that any number
 * of `compose`, `alternatives`, `tokenizer`, `logits`, `greedy` requests, each with an id of its own; the worker
 * works through them in order and answers each with `result` or `failed`, `compose` with `line` messages before that.
 * `cancel` stops the request with that id; `ping` is answered with `alive` as soon as the worker looks at its messages.
 * `models`, `delete-model` and `inspect` need no open model. A failed device makes the worker useless: the client starts a
 * new one and sends `open` with the next device and `compose` with the lines that were finished.
 */

import type { ErrorData } from '../errors.ts';
import { isErrorCode } from '../errors.ts';
import type { DeviceInfo, DeviceKind } from '../engine/types.ts';
import type { ModelPreview } from '../hub/inspect-model.ts';
import type { CatalogEntry, KeptModel, LoadProgress, ModelInfo } from '../hub/types.ts';
import type { LineEvent, ParsedRequest, Poem } from '../poetry/types.ts';

export const PROTOCOL_VERSION = 1;

/** What a worker needs to open a model. */
export interface OpenRequest {
  /** Model id, `org/name[@rev]`, or URL of a model folder; absent: the default of `models/index.json`. */
  model?: string;
  hub: string;
  device: 'auto' | DeviceKind;
  precision: 'packed' | 'source';
  /** Absolute URL of the folder that holds `models/`, the data tables and the runtime files. */
  base: string;
  /** Devices that failed before in this session, with the reason; the worker skips them and says so. */
  avoid: { kind: DeviceKind; why: string }[];
  /** Poems will follow: their tables are fetched and read while the model loads. */
  tables?: boolean;
}

export interface OpenResult {
  model: ModelInfo;
  device: DeviceInfo;
  vocab: number;
  context: number;
  loadMs: number;
}

/** Parameters of each method. */
export interface Params {
  open: OpenRequest;
  compose: { request: ParsedRequest; resume?: string[] };
  /** As the caller gave them: the worker checks. */
  alternatives: { poem: Poem; line: number; count: number };
  tokenizer: Record<string, never>;
  logits: { ids: number[] };
  greedy: { ids: number[]; count: number };
  models: { base: string };
  'delete-model': { id: string; revision: string };
  inspect: { model: string; hub: string; base: string };
}

export type Method = keyof Params;
export type Call = { [M in Method]: { method: M; params: Params[M] } }[Method];

/** Answer of each method. */
export interface Results {
  open: OpenResult;
  compose: Poem;
  alternatives: string[];
  /** tokenizer.json and tokenizer_config.json, parsed. */
  tokenizer: { json: unknown; config: unknown };
  logits: Float32Array;
  greedy: number[];
  models: ModelShelf;
  'delete-model': null;
  inspect: ModelPreview;
}

/** What can be opened, and what is kept on this device. */
export interface ModelShelf {
  kept: KeptModel[];
  catalog: CatalogEntry[];
}

export type ToWorker = ({ v: 1; id: number } & Call) | { v: 1; id: number; method: 'cancel' } | { v: 1; id: number; method: 'ping' };

export type FromWorker =
  | { v: 1; kind: 'hello' }
  | { v: 1; kind: 'alive' }
  | { v: 1; id: number; kind: 'progress'; progress: LoadProgress }
  | { v: 1; id: number; kind: 'line'; line: LineEvent }
  | { v: 1; id: number; kind: 'writing'; index: number; total?: number }
  | { v: 1; id: number; kind: 'result'; value: Results[Method] }
  | { v: 1; id: number; kind: 'failed'; error: ErrorData }
  | { v: 1; kind: 'device-lost'; message: string };

const METHODS = new Set(['open', 'compose', 'alternatives', 'tokenizer', 'logits', 'greedy', 'models', 'delete-model', 'inspect', 'cancel', 'ping']);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a message is one that this version of the worker answers; the method checks its own parameters. */
export function isToWorker(value: unknown): value is ToWorker {
  return (
    isRecord(value) &&
    value.v === PROTOCOL_VERSION &&
    Number.isSafeInteger(value.id) &&
    typeof value.method === 'string' &&
    METHODS.has(value.method) &&
    (value.method === 'cancel' || value.method === 'ping' || isRecord(value.params))
  );
}

/** Whether a message comes from a worker of this version. */
export function isFromWorker(value: unknown): value is FromWorker {
  if (!isRecord(value) || value.v !== PROTOCOL_VERSION) return false;
  switch (value.kind) {
    case 'hello':
    case 'alive':
      return true;
    case 'device-lost':
      return typeof value.message === 'string';
    case 'progress':
      return Number.isSafeInteger(value.id) && isRecord(value.progress);
    case 'line':
      return Number.isSafeInteger(value.id) && isRecord(value.line);
    case 'writing':
      return Number.isSafeInteger(value.id) && typeof value.index === 'number';
    case 'result':
      return Number.isSafeInteger(value.id);
    case 'failed':
      return Number.isSafeInteger(value.id) && isRecord(value.error) && isErrorCode(value.error.code);
    default:
      return false;
  }
}
