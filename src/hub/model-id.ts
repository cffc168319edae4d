/** What may stand in `model` and `hub`: parsed strictly, before any request is sent. */

import { VerseletError } from '../errors.ts';

/** A parsed `model` option. */
export type ModelSpec =
  | { kind: 'default' }
  /** A folder under `models/` beside the page. */
  | { kind: 'embedded'; id: string }
  /** A repository of the hub; `revision` absent: its main branch. */
  | { kind: 'hub'; id: string; revision?: string }
  /** A model folder anywhere; `url` ends in a slash. */
  | { kind: 'url'; url: string };

export const DEFAULT_HUB = 'https://huggingface.co';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/;
const REVISION = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;
const MAX_ID = 200;
const MAX_URL = 2000;
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

function refuse(field: 'model' | 'hub', why: string): VerseletError {
  return new VerseletError('bad-request', `Option \`${field}\` ${why}.`, {
    hint:
      field === 'hub'
        ? `Give the address of a hub, such as ${DEFAULT_HUB}.`
        : 'Give the id of an embedded model, org/name, org/name@revision, or the http(s) address of a model folder.',
  });
}

function isName(text: string): boolean {
  return NAME.test(text) && !text.includes('..') && !text.endsWith('.') && !RESERVED.has(text.toLowerCase());
}

function isRevision(text: string): boolean {
  return REVISION.test(text) && !text.includes('..') && !text.includes('//') && !text.endsWith('/');
}

/** White space, control characters and backslashes: the URL parser repairs them silently, we refuse them. */
function hasOddCharacters(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code <= 0x20 || code === 0x5c || (code >= 0x7f && code <= 0xa0)) return true;
  }
  return false;
}

function parseAddress(field: 'model' | 'hub', text: string): URL {
  if (text.length > MAX_URL) throw refuse(field, `is longer than ${MAX_URL} characters`);
  if (hasOddCharacters(text)) throw refuse(field, 'has white space, control characters or backslashes in its address');
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) throw refuse(field, 'is not an http(s) address');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw refuse(field, 'must not hold a user name or password');
  if (url.search !== '' || url.hash !== '') throw refuse(field, 'must not have a query or a fragment');
  return url;
}

/**
 * Parses the `hub` option.
 * @returns the address without a slash at its end.
 * @throws VerseletError `bad-request` naming `hub`.
 */
export function parseHub(value: unknown): string {
  if (value === undefined) return DEFAULT_HUB;
  if (typeof value !== 'string') throw refuse('hub', 'must be a string');
  return parseAddress('hub', value).href.replace(/\/+$/, '');
}

/**
 * Parses the `model` option.
 * @throws VerseletError `bad-request` naming `model`, for paths, odd characters and everything else that is no model.
 */
export function parseModelSpec(value: unknown): ModelSpec {
  if (value === undefined) return { kind: 'default' };
  if (typeof value !== 'string') throw refuse('model', 'must be a string');
  if (/^https?:/i.test(value)) {
    const { href } = parseAddress('model', value);
    return { kind: 'url', url: href.endsWith('/') ? href : `${href}/` };
  }
  if (value.length > MAX_ID) throw refuse('model', `is longer than ${MAX_ID} characters`);
  const at = value.indexOf('@');
  const id = at < 0 ? value : value.slice(0, at);
  const revision = at < 0 ? undefined : value.slice(at + 1);
  const parts = id.split('/');
  if (parts.length > 2 || !parts.every(isName)) throw refuse('model', 'is not a model id');
  if (revision !== undefined && !isRevision(revision)) throw refuse('model', 'names no valid revision after the @');
  if (parts.length === 2) return revision === undefined ? { kind: 'hub', id } : { kind: 'hub', id, revision };
  if (revision !== undefined) throw refuse('model', 'names a revision, which only models of the hub have');
  return { kind: 'embedded', id };
}

/** Whether a path of a listing or card stays inside its folder and needs no escaping. */
export function isSafePath(path: string): boolean {
  if (path.length > 300) return false;
  return path.split('/').every((part) => /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/.test(part) && !part.includes('..'));
}
