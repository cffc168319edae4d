/** The embedded model as the hub side hands it over, for tests in Node. */

import { readFileSync } from 'node:fs';
import type { ModelFiles } from '../hub/types.ts';

const folder = new URL('../../public/models/verse-nano/', import.meta.url);

interface Card {
  selfTest: { prompt: number[]; tokens: number[] };
}

function bytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

function json(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

/** Packed or source weights with everything beside them. */
export function verseNano(format: 'packed' | 'checkpoint' = 'packed'): ModelFiles & { card: Card } {
  const weights = bytes(format === 'packed' ? 'verselet.safetensors' : 'model.safetensors');
  return {
    info: {
      id: 'verse-nano',
      revision: 'embedded-test',
      dialect: 'plan',
      dtype: format === 'packed' ? 'q4' : 'f16',
      bytes: weights.byteLength,
      sha256: '',
      license: 'Apache-2.0',
    },
    format,
    weights,
    config: json('config.json'),
    tokenizer: { json: json('tokenizer.json'), config: json('tokenizer_config.json') },
    card: json('verselet.json') as Card,
  };
}
