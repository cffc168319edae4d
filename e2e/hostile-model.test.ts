/** Model folders made to harm: nothing is fetched from elsewhere, nothing hangs, every end is a typed error. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { VerseletError } from '../src/errors.ts';
import { openEngine } from '../src/engine/open-engine.ts';
import { openModel } from '../src/hub/open-model.ts';
import type { Files, HubServer } from './hub-server.ts';
import { readFolder, sha256, startHub } from './hub-server.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (value: unknown): Uint8Array => bytes(JSON.stringify(value));
const sound = readFolder('public/models/verse-nano');
const config = JSON.parse(new TextDecoder().decode(sound['config.json'])) as object;
const tokenizer = JSON.parse(new TextDecoder().decode(sound['tokenizer.json'])) as { model: object };

/** The shipped model with other files, and a card that agrees with them. */
function folder(changed: Files): Files {
  const files: Files = { ...sound, ...changed };
  const card = JSON.parse(new TextDecoder().decode(sound['verselet.json'])) as { files: Record<string, unknown> };
  for (const path of Object.keys(card.files)) card.files[path] = { bytes: files[path]!.byteLength, sha256: sha256(files[path]!) };
  return { ...files, 'verselet.json': changed['verselet.json'] ?? json(card) };
}

let hub: HubServer;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.stop());
beforeEach(() => hub.reset());

async function codeOf(files: Files): Promise<string> {
  hub.addFolder('bad', files);
  try {
    const opened = await openModel(`${hub.url}/bad/`, { base: `${hub.url}/`, locks: null });
    await openEngine(opened, { device: 'wasm' });
    return 'opened';
  } catch (error) {
    expect(error).toBeInstanceOf(VerseletError);
    return (error as VerseletError).code;
  }
}

const HOSTILE: Record<string, Files> = {
  'a config of a thousand million layers': { 'config.json': json({ ...config, n_layer: 1e9 }) },
  'a config with a vocabulary of 2^53': { 'config.json': json({ ...config, vocab_size: 2 ** 53 }) },
  'a config with a width that is text': { 'config.json': json({ ...config, n_embd: '768' }) },
  'a config that is no JSON': { 'config.json': bytes('{"model_type": "gpt2"') },
  'a config of a hundred thousand levels': { 'config.json': bytes('['.repeat(100_000) + ']'.repeat(100_000)) },
  'a config of another model': { 'config.json': json({ model_type: 'llama' }) },
  'a config that reaches for the prototype': { 'config.json': bytes('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}') },
  'a tokenizer whose one token has an id of 10^9': { 'tokenizer.json': json({ ...tokenizer, model: { ...tokenizer.model, vocab: { a: 1e9 } } }) },
  'a tokenizer that is no JSON': { 'tokenizer.json': bytes('<!doctype html>') },
  'weights that are noise': { 'verselet.safetensors': new Uint8Array(100_000).fill(7) },
  'weights that are an ONNX file of another graph': { 'verselet.safetensors': Uint8Array.of(8, 8, 18, 4, 116, 101, 115, 116, 58, 0) },
  'weights whose header claims 2^62 bytes': { 'verselet.safetensors': Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 64, 123, 125) },
};

describe('fault: a hostile model folder', () => {
  it('is compared with the sound one, which opens', async () => {
    expect(await codeOf(folder({}))).toBe('opened');
  });

  it.each(Object.entries(HOSTILE))('%s is refused', async (_, changed) => {
    expect(await codeOf(folder(changed))).toMatch(/^(unsupported-model|integrity|hub-refused)$/);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each(['../../secret', '..%2f..%2fsecret', '/etc/passwd', '//elsewhere/x', 'https://elsewhere/x', 'a\\b', 'a/../../b', '__proto__/../x', '\u0000x'])(
    'a card that names %j is refused before anything but the card is asked for',
    async (path) => {
      const card = JSON.parse(new TextDecoder().decode(sound['verselet.json'])) as { files: Record<string, unknown>; weights: string };
      card.files[path] = card.files[card.weights];
      card.weights = path;
      expect(await codeOf(folder({ 'verselet.json': json(card) }))).toBe('unsupported-model');
      expect(hub.log.every((request) => request.path.endsWith('verselet.json'))).toBe(true);
    },
  );

  it('a card larger than a megabyte is not read to its end', async () => {
    expect(await codeOf(folder({ 'verselet.json': bytes(`{"files": {}, "x": "${'x'.repeat(2e6)}"}`) }))).toBe('hub-refused');
  });
});
