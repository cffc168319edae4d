/** GPT-2's byte-level BPE, over the library that transformers.js itself uses. */

import { Tokenizer } from '@huggingface/tokenizers';
import { VerseletError } from '../errors.ts';
import { bytesOfToken } from './byte-level.ts';
import { BytePairs } from './byte-pairs.ts';
import type { TextTokenizer } from './types.ts';

interface AddedToken {
  id: number;
  content: string;
  special: boolean;
}

/** The parts of `tokenizer.json` that are read here. */
interface TokenizerFile {
  model: { type: string; vocab: Record<string, number>; merges: unknown[] };
  added_tokens: AddedToken[];
  decoder: { type: string } | null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAddedToken(value: unknown): value is AddedToken {
  return isRecord(value) && Number.isInteger(value.id) && typeof value.content === 'string';
}

/** The largest vocabularies of GPT-2 shape have half of this; ids beyond it would only eat memory. */
const MAX_TOKENS = 1_000_000;

/** Steps that bring no regular expression of the file's own: such a one could run for ever on a reader's words. */
const PLAIN_STEPS = new Set(['ByteLevel', 'Digits', 'NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase']);

function isPlainStep(step: unknown): boolean {
  if (step === null || step === undefined) return true;
  if (!isRecord(step)) return false;
  if (step.type !== 'Sequence') return PLAIN_STEPS.has(String(step.type));
  const parts = step.pretokenizers ?? step.normalizers;
  return Array.isArray(parts) && parts.every((part) => isRecord(part) && PLAIN_STEPS.has(String(part.type)));
}

function isId(id: unknown): boolean {
  return Number.isInteger(id) && (id as number) >= 0 && (id as number) < MAX_TOKENS;
}

/** @throws VerseletError `unsupported-model` for sizes and steps that would hang or fill the page. */
function refuseBombs({ model, added_tokens, ...steps }: TokenizerFile): void {
  const { normalizer, pre_tokenizer } = steps as Record<string, unknown>;
  const ids = [...Object.values(model.vocab), ...added_tokens.map(({ id }) => id)];
  if (ids.length > MAX_TOKENS || !ids.every(isId)) {
    throw new VerseletError('unsupported-model', `The tokenizer of this model has ids that are no numbers below ${MAX_TOKENS}.`);
  }
  if (!isPlainStep(normalizer) || !isPlainStep(pre_tokenizer)) {
    throw new VerseletError('unsupported-model', 'The tokenizer of this model splits or rewrites text in another way than GPT-2.');
  }
}

function parseFile(json: unknown): TokenizerFile {
  const bpe = isRecord(json) && isRecord(json.model) && isRecord(json.model.vocab) && Array.isArray(json.model.merges);
  const added = isRecord(json) ? (json.added_tokens ?? []) : undefined;
  const byteLevel = isRecord(json) && isRecord(json.decoder) && json.decoder.type === 'ByteLevel';
  if (!bpe || !byteLevel || !Array.isArray(added) || !added.every(isAddedToken)) {
    throw new VerseletError('unsupported-model', 'The tokenizer of this model is not the byte-level BPE of GPT-2.');
  }
  const file = { ...json, added_tokens: added } as unknown as TokenizerFile;
  refuseBombs(file);
  return file;
}

/** Special in the file, or spelled like one: fine-tunes often add `<|…|>` as ordinary tokens. */
function isControl(token: AddedToken): boolean {
  return token.special || /^<\|.*\|>$/.test(token.content);
}

/** What {@link BytePairs} does not do: other models than plain BPE, and steps before it. */
function isPlain(file: TokenizerFile, others: readonly AddedToken[], config: Record<string, unknown>): boolean {
  const { normalizer, pre_tokenizer: split } = file as { normalizer?: unknown; pre_tokenizer?: Record<string, unknown> | null };
  const { type, end_of_word_suffix: end, continuing_subword_suffix: go, ignore_merges: ignore } = file.model as Record<string, unknown>;
  const byteLevel = split?.type === 'ByteLevel' && split.add_prefix_space === false && (split.use_regex ?? true) === true;
  const settings = [normalizer, end, go, ignore, config.remove_space, config.do_lowercase_and_remove_accent];
  return type === 'BPE' && byteLevel && others.length === 0 && settings.every((setting) => !setting);
}

/** A token of printable ASCII after spaces: its spelling is its text. */
const PLAIN_TOKEN = /^\u0120*[!-~]*$/;

class ByteLevelTokenizer implements TextTokenizer {
  readonly size: number;
  readonly #file: TokenizerFile;
  readonly #config: Record<string, unknown>;
  readonly #pairs: BytePairs | undefined;
  #library: Tokenizer | undefined;
  /** Spelling of each id in the byte-level alphabet; '' for special tokens and ids without a token. */
  readonly #tokens: string[];
  readonly #pieces: (string | undefined)[] = [];
  readonly #specials = new Map<string, number>();
  readonly #specialIds = new Set<number>();
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(file: TokenizerFile, config: Record<string, unknown>) {
    const control = file.added_tokens.filter(isControl);
    const others = file.added_tokens.filter((token) => !isControl(token));
    for (const token of control) {
      this.#specials.set(token.content, token.id);
      this.#specialIds.add(token.id);
    }
    // Without them the library cannot match a special token in what a user wrote.
    this.#file = { normalizer: null, post_processor: null, ...file, added_tokens: others } as TokenizerFile;
    this.#config = config;
    const vocabulary = new Map(Object.entries(file.model.vocab));
    if (isPlain(file, others, config)) this.#pairs = BytePairs.from(vocabulary, file.model.merges);
    // What the library cannot read is refused now, not at the first text.
    if (!this.#pairs) this.#library = this.#openLibrary();
    const entries = [...vocabulary, ...others.map(({ content, id }) => [content, id] as const)];
    this.size = [...this.#specialIds, ...entries.map(([, id]) => id)].reduce((top, id) => Math.max(top, id), -1) + 1;
    this.#tokens = Array.from({ length: this.size }, () => '');
    for (const [token, id] of entries) if (!this.#specialIds.has(id)) this.#tokens[id] = token;
  }

  #openLibrary(): Tokenizer {
    return new Tokenizer(this.#file, this.#config);
  }

  encode(text: string): number[] {
    if (text === '') return [];
    const ids = this.#pairs?.encode(text);
    if (ids) return ids;
    this.#library ??= this.#openLibrary();
    return this.#library.encode(text, { add_special_tokens: false }).ids;
  }

  decode(ids: readonly number[]): string {
    const bytes = ids.flatMap((id) => bytesOfToken(this.#tokens[id] ?? ''));
    return this.#utf8.decode(Uint8Array.from(bytes));
  }

  special(spelling: string): number | undefined {
    return this.#specials.get(spelling);
  }

  isSpecial(id: number): boolean {
    return this.#specialIds.has(id);
  }

  piece(id: number): string {
    return (this.#pieces[id] ??= this.#pieceOf(this.#tokens[id] ?? ''));
  }

  #pieceOf(token: string): string {
    if (PLAIN_TOKEN.test(token)) return token.replaceAll('\u0120', ' ');
    return this.#utf8.decode(Uint8Array.from(bytesOfToken(token)));
  }
}

/**
 * A {@link TextTokenizer} from parsed `tokenizer.json` and `tokenizer_config.json`. Text is encoded without begin or
 * end tokens; `piece` of a special token is ''.
 * @throws VerseletError `unsupported-model` for any other kind of tokenizer.
 */
export function createTokenizer(json: unknown, config: unknown): TextTokenizer {
  const file = parseFile(json);
  try {
    return new ByteLevelTokenizer(file, isRecord(config) ? config : {});
  } catch (cause) {
    throw new VerseletError('unsupported-model', 'The tokenizer of this model cannot be read.', { cause });
  }
}
