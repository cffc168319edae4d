import { VerseletError } from '../errors.ts';
import type { LoadProgress } from '../hub/types.ts';

/** Options of `createComposer`; an unknown or ill-typed one is `bad-request` and named. */
export interface ComposerOptions {
  /** Absent: the model that ships with the page. Else an embedded id, `org/name`, `org/name@revision` or a model folder's URL. */
  model?: string;
  /** Any server with the hub's URL layout. */
  hub?: string;
  device?: 'auto' | 'webgpu' | 'wasm';
  onProgress?(progress: LoadProgress): void;
  /** Abort keeps what was downloaded. */
  signal?: AbortSignal;
}

export interface CheckedOptions {
  model?: string;
  hub: string;
  device: 'auto' | 'webgpu' | 'wasm';
  precision: 'packed' | 'source';
  /** Whether poems will be written, not only tokens. */
  tables: boolean;
  onProgress?: (progress: LoadProgress) => void;
  signal?: AbortSignal;
}

export const DEFAULT_HUB = 'https://huggingface.co';

const DEVICES = ['auto', 'webgpu', 'wasm'] as const;
const COMPOSER_FIELDS = ['model', 'hub', 'device', 'onProgress', 'signal'];
const ENGINE_FIELDS = [...COMPOSER_FIELDS, 'precision'];

function bad(field: string, expected: string): never {
  throw new VerseletError('bad-request', `Option "${field}" must be ${expected}.`, {
    hint: `Correct the option "${field}".`,
  });
}

function checkHub(value: unknown): string {
  if (value === undefined) return DEFAULT_HUB;
  const url = typeof value === 'string' && value.length <= 2000 && URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) bad('hub', 'an http(s) address');
  return url!.href.replace(/\/+$/, '');
}

function checkModel(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length === 0 || value.length > 500) {
    bad('model', 'a model id such as org/name, or the URL of a model folder');
  }
  return value as string;
}

/** @throws VerseletError `bad-request`, naming the field. */
export function checkOptions(value: unknown, kind: 'composer' | 'engine'): CheckedOptions {
  if (value === undefined) value = {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) bad('options', 'an object');
  const options = value as Record<string, unknown>;
  const known = kind === 'engine' ? ENGINE_FIELDS : COMPOSER_FIELDS;
  for (const field of Object.keys(options)) if (!known.includes(field)) bad(field, `absent: the options are ${known.join(', ')}`);
  const { device = 'auto', precision = 'packed', onProgress, signal } = options;
  if (!DEVICES.includes(device as 'auto')) bad('device', `one of ${DEVICES.join(', ')}`);
  if (precision !== 'packed' && precision !== 'source') bad('precision', 'packed or source');
  if (onProgress !== undefined && typeof onProgress !== 'function') bad('onProgress', 'a function');
  if (signal !== undefined && !isAbortSignal(signal)) bad('signal', 'an AbortSignal');
  return {
    model: checkModel(options.model),
    hub: checkHub(options.hub),
    device: device as CheckedOptions['device'],
    precision: precision as CheckedOptions['precision'],
    tables: kind === 'composer',
    onProgress: onProgress as CheckedOptions['onProgress'],
    signal: signal as AbortSignal | undefined,
  };
}

/** By shape, not by class: a signal may come from another realm. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}
