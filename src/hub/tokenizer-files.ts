/**
 * Older GPT-2 fine-tunes carry `vocab.json` and `merges.txt` in place of `tokenizer.json`: this builds the one from the others,
 * byte-level BPE exactly as GPT-2's, with the tokens that fine-tuning added.
 */

import { VerseletError } from '../errors.ts';

/** Parsed JSON files and the text of merges.txt; what a repository lacks is undefined. */
export interface TokenizerParts {
  vocab: unknown;
  merges: string;
  addedTokens?: unknown;
  specialTokensMap?: unknown;
  tokenizerConfig?: unknown;
}

interface AddedToken {
  id: number;
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

/** The largest vocabularies of GPT-2 shape have half of this. */
const MAX_TOKENS = 1_000_000;
const SPECIAL_NAMES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];
const END_OF_TEXT = '<|endoftext|>';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(what: string): VerseletError {
  return new VerseletError('unsupported-model', `The tokenizer of this model cannot be read: ${what}.`);
}

function readIds(value: unknown, name: string): Map<string, number> {
  if (!isRecord(value)) throw damaged(`${name} is no object`);
  const entries = Object.entries(value);
  if (entries.length > MAX_TOKENS) throw damaged(`${name} has more than a million tokens`);
  const isId = (id: unknown): id is number =>
    Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < MAX_TOKENS;
  if (!entries.every(([, id]) => isId(id))) throw damaged(`${name} has ids that are no token ids`);
  return new Map(entries as [string, number][]);
}

function readMerges(text: string, vocab: Map<string, number>): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'));
  if (lines.length > MAX_TOKENS) throw damaged('merges.txt has more than a million lines');
  for (const line of lines) {
    const [left, right, more] = line.split(' ');
    const known = left !== undefined && right !== undefined && more === undefined && vocab.has(left + right);
    if (!known) throw damaged('merges.txt joins tokens that vocab.json does not have');
  }
  return lines;
}

/** Spellings that a special tokens map or a tokenizer config calls special. */
function specialSpellings(value: unknown): string[] {
  if (!isRecord(value)) return [];
  const more: unknown[] = Array.isArray(value.additional_special_tokens) ? value.additional_special_tokens : [];
  return [...SPECIAL_NAMES.map((name) => value[name]), ...more].flatMap((token) => {
    const content = isRecord(token) ? token.content : token;
    return typeof content === 'string' && content !== '' ? [content] : [];
  });
}

/** `added_tokens_decoder` of newer tokenizer configs: id to token. */
function decoderTokens(config: unknown): { content: string; id: number; special: boolean }[] {
  const decoder = isRecord(config) ? config.added_tokens_decoder : undefined;
  if (!isRecord(decoder)) return [];
  return Object.entries(decoder).flatMap(([id, token]) => {
    if (!/^\d{1,6}$/.test(id) || !isRecord(token) || typeof token.content !== 'string') return [];
    return [{ content: token.content, id: Number(id), special: token.special === true }];
  });
}

function addedTokens(parts: TokenizerParts, vocab: Map<string, number>): AddedToken[] {
  const { addedTokens, specialTokensMap, tokenizerConfig } = parts;
  const ids = addedTokens === undefined ? new Map<string, number>() : readIds(addedTokens, 'added_tokens.json');
  const special = new Set([END_OF_TEXT, ...specialSpellings(specialTokensMap), ...specialSpellings(tokenizerConfig)]);
  for (const token of decoderTokens(tokenizerConfig)) {
    if (!ids.has(token.content)) ids.set(token.content, token.id);
    if (token.special) special.add(token.content);
  }
  for (const spelling of special) {
    const id = vocab.get(spelling);
    if (id !== undefined && !ids.has(spelling)) ids.set(spelling, id);
  }
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return [...ids]
    .map(([content, id]) => ({ id, content, ...flags, special: special.has(content) }))
    .sort((a, b) => a.id - b.id);
}

/**
 * @returns a parsed tokenizer.json.
 * @throws VerseletError `unsupported-model` for files that are no byte-level BPE.
 */
export function buildTokenizerJson(parts: TokenizerParts): Record<string, unknown> {
  const vocab = readIds(parts.vocab, 'vocab.json');
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(parts, vocab),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: { ...byteLevel, trim_offsets: false },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      vocab: Object.fromEntries(vocab),
      merges: readMerges(parts.merges, vocab),
    },
  };
}
