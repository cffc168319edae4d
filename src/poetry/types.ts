/** The words of the public contract: what is asked for, and what comes back. Plain JSON on both sides. */

export const EMOTIONS = [
  'anger',
  'anticipation',
  'disgust',
  'fear',
  'joy',
  'sadness',
  'surprise',
  'trust',
  'neutral',
] as const;
export type Emotion = (typeof EMOTIONS)[number];

export const FORM_NAMES = [
  'free',
  'couplets',
  'quatrains',
  'ballad',
  'limerick',
  'haiku',
  'tanka',
  'cinquain',
  'triolet',
  'sonnet',
  'petrarchan',
  'villanelle',
] as const;
export type FormName = (typeof FORM_NAMES)[number];

export const QUATRAIN_SCHEMES = ['ABAB', 'AABB', 'ABBA', 'ABCB'] as const;
export type QuatrainScheme = (typeof QUATRAIN_SCHEMES)[number];

/** What a caller may ask for. Every field is optional; see `parseRequest` for limits and defaults. */
export interface PoemRequest {
  emotion?: Emotion;
  /** One emotion a stanza; overrides `emotion`. */
  arc?: Emotion[];
  form?: FormName;
  /** For `quatrains` only. */
  scheme?: QuatrainScheme;
  rhyme?: 'perfect' | 'near';
  /** At most 500 characters each. */
  theme?: string;
  title?: string;
  firstLine?: string;
  /** At most 64 letters: the first letters of the lines, top to bottom. */
  acrostic?: string;
  /** 1–64; for `free`, `couplets` (even), `quatrains` and `ballad` (by fours). */
  lines?: number;
  /** Locked lines by index; null = write this one. */
  keep?: (string | null)[];
  /** uint32; drawn and reported when absent. */
  seed?: number;
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  /** Candidate lines decoded as one batch, 1–64. */
  candidates?: number;
  /** What AutoCompose did: top-k 50, top-p 0.95, 300 tokens, one free sample. */
  preset?: 'autocompose';
}

/** A request after parsing: checked, defaults filled in, seed drawn. Composing it again gives the same poem. */
export interface ParsedRequest extends PoemRequest {
  emotion: Emotion;
  form: FormName;
  rhyme: 'perfect' | 'near';
  seed: number;
}

/** One finished line, given once, never taken back. */
export interface LineEvent {
  /** Index over the whole poem, from 0. */
  index: number;
  /** Index of the stanza, from 0. */
  stanza: number;
  text: string;
}

/** The proof shown beside a poem. */
export interface PoemChecks {
  /** `scheme` as letters, `-` unrhymed; `wanted` and `kept` count pairs of lines. */
  rhyme: { scheme: string; wanted: number; kept: number };
  syllables: { wanted: number; kept: number; perLine: number[] };
  /** Mean negative log-likelihood of the poem's text tokens under the model, in nats. */
  nllPerToken: number;
  /** The longest run of words known from the copy guard. */
  copiedWords: number;
}

/** A finished poem: plain JSON, structured-cloneable. */
export interface Poem {
  id: string;
  title: string;
  stanzas: string[][];
  /** Lines joined by `\n`, a blank line between stanzas, without the title. */
  text: string;
  emotion: Emotion;
  form: FormName;
  seed: number;
  request: PoemRequest;
  model: { id: string; revision: string; dtype: string };
  device: 'webgpu' | 'wasm';
  checks: PoemChecks;
  timings: { loadMs: number; firstLineMs: number; totalMs: number; tokens: number; tokensPerSecond: number };
  /** ISO 8601. */
  createdAt: string;
}
