/** What lies in a model folder that has neither a card nor a listing: asked file by file. */

import { VerseletError } from '../errors.ts';
import type { HubFile } from './hub-api.ts';
import type { Net } from './http.ts';
import { hostOf, openTransfer } from './http.ts';
import { withRetry } from './retry.ts';

const NAMES = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  'merges.txt',
  'added_tokens.json',
  'special_tokens_map.json',
  'model.safetensors',
  'pytorch_model.bin',
  'onnx/decoder_model_merged_quantized.onnx',
  'onnx/model_quantized.onnx',
  'onnx/model_fp16.onnx',
  'onnx/decoder_model_merged.onnx',
  'onnx/model.onnx',
  'model.onnx',
];

/**
 * The files of {@link NAMES} that a folder has, with their sizes.
 * @param url ends in a slash.
 * @throws VerseletError `model-not-found` when there is no config.json; `network`, `hub-refused`, `aborted`.
 */
export async function probeFolder(net: Net, url: string): Promise<HubFile[]> {
  const config = await probe(net, url, 'config.json');
  if (config === undefined) {
    throw new VerseletError('model-not-found', `${hostOf(url)} has no model at this address.`, {
      hint: 'Give the address of a folder with verselet.json, or with config.json, a tokenizer and weights.',
    });
  }
  const rest = await Promise.all(NAMES.slice(1).map((name) => probe(net, url, name)));
  return [config, ...rest].filter((file) => file !== undefined);
}

async function probe(net: Net, url: string, path: string): Promise<HubFile | undefined> {
  return withRetry(net.clock, net.signal, async () => {
    const transfer = await openTransfer(net, url + path, path, { method: 'HEAD', accept: [403, 404, 405, 410] });
    transfer.close();
    const { ok, headers } = transfer.response;
    // Many static hosts answer a missing file with a page and status 200.
    if (!ok || /\btext\/html\b/i.test(headers.get('content-type') ?? '')) return undefined;
    // Of an encoded body the length is not the file's.
    const length = headers.get('content-encoding') === null ? Number(headers.get('content-length') ?? NaN) : NaN;
    const version = headers.get('etag') ?? headers.get('last-modified');
    return {
      path,
      ...(length > 0 && { size: length }),
      version: `${version ?? ''}:${length}`,
    };
  });
}
