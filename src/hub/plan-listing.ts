/** A plan from a listing: for folders without a card of ours. */

import { startTokenOf } from './catalog.ts';
import type { Choice } from './choose-file.ts';
import type { RemoteFile } from './download.ts';
import type { CardHome } from './folder-model.ts';
import type { HubFile } from './hub-api.ts';
import type { ModelPlan } from './model-files.ts';

const CONFIGS = ['config.json', 'tokenizer_config.json'];
/** Instead of tokenizer.json. */
const TOKENIZER_PARTS = ['vocab.json', 'merges.txt', 'added_tokens.json', 'special_tokens_map.json'];
const PACKED = 'verselet.safetensors';

/**
 * @param home what is known besides the files.
 * @param files the whole listing.
 * @param choice which of them are the weights.
 */
export function planListing(
  home: CardHome & { license: string },
  files: readonly HubFile[],
  choice: Exclude<Choice, { kind: 'card' }>,
  urlOf: (path: string) => string,
): ModelPlan {
  const remote = ({ path, size, sha256, version }: HubFile): RemoteFile => {
    const url = urlOf(path);
    const key = sha256 === undefined ? `${url}#${version ?? home.revision}` : `sha256-${sha256}`;
    return { path, url, key, size, sha256 };
  };
  const { hub, id, revision, refs, precision, license } = home;
  const hasTokenizer = files.some((file) => file.path === 'tokenizer.json');
  const wanted = new Set([...CONFIGS, ...(hasTokenizer ? ['tokenizer.json'] : TOKENIZER_PARTS)]);
  const small = files.filter((file) => wanted.has(file.path)).map(remote);
  const startToken = startTokenOf(id);
  const common = { hub, id, revision, refs, variant: precision, dialect: 'plain', license } as const;
  const start = startToken === undefined ? {} : { startToken };
  if (choice.kind === 'file') {
    const { file, format, dtype } = choice;
    return { ...common, ...start, files: [...small, remote(file)], weights: file.path, format, dtype };
  }
  const shards = choice.shards.map(remote);
  const packed = { path: PACKED, url: '', key: `packed:${shards.map((shard) => shard.key).join('+')}` };
  return {
    ...common,
    ...start,
    files: [...small, packed],
    weights: PACKED,
    format: 'packed',
    dtype: 'q4',
    from: { files: shards },
  };
}
