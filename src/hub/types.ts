/** A model as the hub side hands it to the engine: finished, verified bytes. */

export interface ModelInfo {
  id: string;
  /** Commit of the hub, or `embedded-<sha256 prefix>` for a model that ships with the page. */
  revision: string;
  dialect: 'plan' | 'plain';
  /** e.g. 'q4', 'int8', 'f16'. */
  dtype: string;
  /** Bytes of all files that are kept. */
  bytes: number;
  /** Of the weight file. */
  sha256: string;
  license: string;
}

export interface LoadProgress {
  phase: 'resolve' | 'download' | 'verify' | 'pack' | 'load' | 'self-test' | 'ready';
  file: string;
  /** Bytes, decompressed, over all files of the model; never goes back within a phase. */
  loaded: number;
  total: number;
  bytesPerSecond: number;
  /** Infinity when unknown. */
  etaSeconds: number;
  fromCache: boolean;
}

/** The files of one model, verified, in memory. */
export interface ModelFiles {
  info: ModelInfo;
  /** `packed`: our own 4-bit file; `checkpoint`: safetensors of the source precision; `onnx`: a graph of the hub's layout. */
  format: 'packed' | 'checkpoint' | 'onnx';
  weights: Uint8Array;
  /** config.json, parsed. */
  config: unknown;
  /** tokenizer.json and tokenizer_config.json, parsed. */
  tokenizer: { json: unknown; config: unknown };
  /** verselet.json, parsed, where the folder has one. */
  card?: unknown;
  /** Prompt a fine-tune starts from, where the catalog knows one (e.g. `<|startoftext|>`). */
  startToken?: string;
}

/** A model kept on this device. */
export interface KeptModel {
  id: string;
  revision: string;
  bytes: number;
  license: string;
  /** URL it came from. */
  source: string;
  /** ISO 8601. */
  lastUsed: string;
}

/** A model worth naming in the picker. */
export interface CatalogEntry {
  id: string;
  /** `set`: the emotion chooses one of `members`. */
  kind: 'embedded' | 'hub' | 'set';
  /** The page's own model: opened where none is named. */
  isDefault?: true;
  /** Bytes that will travel for a first use. */
  bytes: number;
  /** Bytes that are kept afterwards. */
  keptBytes: number;
  license: string;
  /** For a set: model id by emotion. */
  members?: Record<string, string>;
}
