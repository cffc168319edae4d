/** The engine's interface: tokens in, tokens out. It knows no poetry. */

export type DeviceKind = 'webgpu' | 'wasm';

export interface DeviceInfo {
  kind: DeviceKind;
  /** The adapter's name, or 'CPU'. */
  name: string;
  /** Threads that compute (1 on WebGPU). */
  threads: number;
  /** One sentence: why this device. */
  why: string;
}

export interface TextTokenizer {
  /** Number of ids, special tokens included. */
  readonly size: number;
  /** Ids of plain text; spellings of special tokens in `text` are encoded as the characters they are. */
  encode(text: string): number[];
  /** Text of `ids`; special tokens give nothing. */
  decode(ids: readonly number[]): string;
  /** Id of a special token by its spelling, e.g. `<|line|>`. */
  special(spelling: string): number | undefined;
  isSpecial(id: number): boolean;
  /** Text of one token alone, its leading space included; bytes that are no whole character come as U+FFFD. */
  piece(id: number): string;
}

/** How one token is drawn from the logits, in this order: bias, repetition penalty, temperature, top-k, top-p, min-p. */
export interface Sampling {
  /** > 0; 1 leaves the model's distribution. */
  temperature: number;
  /** 0 = off; 1 = greedy. */
  topK: number;
  /** 1 = off. */
  topP: number;
  /** 0 = off: tokens below this share of the best one's probability are dropped. */
  minP: number;
  /** 1 = off; divides positive, multiplies negative logits of tokens already in the row. */
  repetitionPenalty: number;
}

/** What the next token of a row may be. */
export type Constraint =
  | { kind: 'stop' }
  /** Feed these ids as they are (at least one). */
  | { kind: 'force'; tokens: readonly number[] }
  | {
      kind: 'sample';
      /** Only these: ids, each once, or a mask of `vocab` bytes (1 = allowed). Absent: any. */
      allow?: readonly number[] | Uint8Array;
      /** Added to the logits before sampling. */
      bias?: ReadonlyMap<number, number> | Float32Array;
      sampling?: Partial<Sampling>;
    };

/** Decides, token by token, what a row may say. Must be deterministic; called with the row's tokens so far (prefix excluded). */
export interface RowControl {
  next(soFar: readonly number[]): Constraint;
}

/** A seeded stream of uniform numbers in [0, 1). */
export interface RandomStream {
  next(): number;
}

export interface DecodeRow {
  control: RowControl;
  random: RandomStream;
  sampling: Sampling;
  /** Tokens at most, forced ones included. */
  maxTokens: number;
}

export interface DecodeJob {
  /** Prompt ids, shared by all rows; its KV is reused where the last job's rows begin with the same ids. */
  prefix: readonly number[];
  /** Decoded as one batch. */
  rows: readonly DecodeRow[];
}

export interface DecodedRow {
  tokens: number[];
  /** Natural log of the model's own probability of each token (temperature 1, unconstrained). */
  logProbs: number[];
  stopped: 'control' | 'length' | 'context';
}

/** A loaded GPT-2 on a device. One call at a time; the caller queues. */
export interface LanguageModel {
  readonly vocab: number;
  readonly context: number;
  readonly device: DeviceInfo;
  readonly tokenizer: TextTokenizer;
  /** Tokens decoded since the model was loaded (sampled and forced, all rows). */
  readonly tokensDecoded: number;
  /** @throws VerseletError `aborted`, `device-lost`, `out-of-memory`; `bad-request` when the prefix leaves no room in the context. */
  decode(job: DecodeJob, signal?: AbortSignal): Promise<DecodedRow[]>;
  /** Log-probabilities of ids[from..] given what precedes each, length ids.length - from; from ≥ 1. */
  score(ids: readonly number[], from: number, signal?: AbortSignal): Promise<Float32Array>;
  /** Logits after the last id, [vocab]. */
  logits(ids: readonly number[], signal?: AbortSignal): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** What is wanted of the logits after one position. */
export type LogitQuery =
  /** This token's logit. */
  | { token: number }
  /** The best of the allowed tokens, biased: at least `least` of them where the device has room, 0: as many as it has. */
  | (Pick<Extract<Constraint, { kind: 'sample' }>, 'allow' | 'bias'> & { least: number; temperature: number });

/** What a device tells of one row of logits. */
export interface LogitSummary {
  /** log(Σ exp(logits)), of all tokens. */
  total: number;
  /** Logit of the token that was named; 0 where none was. */
  logit: number;
  best?: BestTokens;
}

export interface BestTokens {
  /** In no order; whatever allowed token is missing scores less than each of these. A token's score is logit + bias. */
  ids: Uint32Array;
  /** Their logits, without bias. */
  logits: Float32Array;
  /** Whether no allowed token is missing. */
  complete: boolean;
  /** Σ exp((score - highest score) / temperature) over all allowed tokens. */
  mass: number;
}

/** A device that keeps the logits and tells what is asked of them: a row of them is a long way to the CPU. */
export interface LogitReducer {
  /** Tokens of one call at most, all rows together. */
  readonly mostTokens: number;
  /** Tokens that a summary lists at most. */
  readonly mostListed: number;
  /** As {@link Backend.forward}, with a query for each token, in their order. */
  forward(tokens: Int32Array, queries: readonly LogitQuery[]): Promise<LogitSummary[]>;
  /** All logits, [vocab], after token `place` of the last call: where a summary is not enough. */
  logits(place: number): Promise<Float32Array>;
}

/**
 * What computes: one GPT-2 with one KV cache of `rows` sequences, all `length` positions long.
 * A fresh backend has one row of length 0.
 */
export interface Backend {
  readonly device: DeviceInfo;
  readonly vocab: number;
  readonly context: number;
  /** Sequences in the cache. */
  readonly rows: number;
  /** Positions in the cache, the same for every row. */
  readonly length: number;
  /**
   * Appends `tokens` ([rows, steps], row-major) to the cache.
   * @returns logits of the last step, [rows, vocab]; with `all`, of every step, [rows, steps, vocab].
   *   The array may be a view that the next call overwrites.
   */
  forward(tokens: Int32Array, options?: { all?: boolean }): Promise<Float32Array>;
  /** Row i of the cache becomes what row `from[i]` was, cut to `length` positions; `select([0], 0)` empties the cache. */
  select(from: readonly number[], length: number): Promise<void>;
  /** Where logits are better asked about than read. */
  readonly reducer?: LogitReducer;
  dispose(): Promise<void>;
}
