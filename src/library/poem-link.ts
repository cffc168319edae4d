import { EMOTIONS, FORM_NAMES, type Emotion, type FormName } from '../poetry/types.ts';
import { plainLine } from './plain-line.ts';

/** A poem as it travels in an address: shown at once, before any model loads, and never sent to a server. */
export interface LinkedPoem {
  title: string;
  stanzas: string[][];
  emotion: Emotion;
  form: FormName;
}

const VERSION = 1;
const MAX_CODE = 24_000;
const MAX_LINES = 80;
const MAX_LINE = 200;

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function fromBase64Url(code: string): Uint8Array {
  const binary = atob(code.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** The poem as one word of an address. Inverse of {@link decodePoem}. */
export function encodePoem({ title, stanzas, emotion, form }: LinkedPoem): string {
  const plain = JSON.stringify([VERSION, title, stanzas.map((stanza) => stanza.join('\n')), emotion, form]);
  return toBase64Url(new TextEncoder().encode(plain));
}

/** The poem in a word of an address; undefined for anything else. Hostile input. */
export function decodePoem(code: string): LinkedPoem | undefined {
  if (code.length > MAX_CODE || !/^[\w-]+$/.test(code)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64Url(code)));
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed.length !== 5 || parsed[0] !== VERSION) return undefined;
  const [, title, stanzas, emotion, form] = parsed as unknown[];
  if (typeof title !== 'string' || !Array.isArray(stanzas) || !stanzas.every((s) => typeof s === 'string')) return undefined;
  const lines = stanzas.map((stanza) => stanza.split('\n').map(plainLine).filter(Boolean)).filter((stanza) => stanza.length);
  const all = lines.flat();
  if (all.length === 0 || all.length > MAX_LINES || all.some((line) => line.length > MAX_LINE)) return undefined;
  return {
    title: plainLine(title).slice(0, MAX_LINE),
    stanzas: lines,
    emotion: EMOTIONS.find((name) => name === emotion) ?? 'neutral',
    form: FORM_NAMES.find((name) => name === form) ?? 'free',
  };
}
