/** What the composer takes and gives: an async generator of events over one engine. */

import type { LanguageModel } from '../engine/types.ts';
import type { LineEvent, ParsedRequest, PoemChecks } from '../poetry/types.ts';

/** The tables that forms need, loaded by the worker when a form asks for them. */
export interface ComposerResources {
  /** Fetches a data file that ships beside the worker (pronunciations, copy guard), by name. */
  loadTable(name: string): Promise<Uint8Array>;
}

export interface ComposeInput {
  model: LanguageModel;
  dialect: 'plan' | 'plain';
  /** Prompt a fine-tune starts from (`plain` only). */
  startToken?: string;
  request: ParsedRequest;
  /** Lines already finished on a device that was lost; given back as they are, not written again. */
  resume?: string[];
  resources: ComposerResources;
  signal?: AbortSignal;
}

export type ComposeEvent =
  | { kind: 'line'; line: LineEvent }
  | { kind: 'attempt'; index: number; total: number | undefined }
  | { kind: 'title'; title: string };

/** The composer's result; the worker adds model, device, id, clock. */
export interface Composition {
  title: string;
  stanzas: string[][];
  checks: PoemChecks;
  /** Tokens decoded for this poem, all candidates. */
  tokens: number;
  /** Lines written again because the word filter found abuse in them. */
  filtered: number;
}
