/** `verselet convert`: a model of the hub, or one in a folder, packed into a folder that can be hosted anywhere. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { convertFolder } from './convert/convert-folder.ts';
import type { ConvertOptions, ModelSource } from './convert/convert-folder.ts';
import type { JsonObject } from './convert/json.ts';
import { folderSource, folderWriter } from './convert/node-folder.ts';
import { VerseletError } from './errors.ts';
import { startTokenOf } from './hub/catalog.ts';
import { systemClock } from './hub/clock.ts';
import type { HubFile } from './hub/hub-api.ts';
import { fileUrl, listFiles, resolveRevision } from './hub/hub-api.ts';
import type { Net } from './hub/http.ts';
import { openTransfer } from './hub/http.ts';
import { parseHub, parseModelSpec } from './hub/model-id.ts';
import { RetryBudget, Transient } from './hub/retry.ts';
import { buildTokenizerJson } from './hub/tokenizer-files.ts';

export interface ConvertCommand {
  /** A folder in the hub's layout, or `org/name`, or `org/name@revision`. */
  from: string;
  /** The folder to write; made where it is missing. */
  out: string;
  hub?: string;
  /** What the card calls the model; by default its name. */
  id?: string;
  signal?: AbortSignal;
  /** `download` or `pack`, and bytes done and in all (0: unknown). */
  onProgress?(phase: 'download' | 'pack', file: string, done: number, total: number): void;
}

const SMALL = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  'merges.txt',
  'added_tokens.json',
  'special_tokens_map.json',
];
/** The first that a listing has is what is read. */
const CHECKPOINTS = [/^model\.safetensors$/, /^model(-\d+-of-\d+\.safetensors|\.safetensors\.index\.json)$/, /^pytorch_model\.bin$/, /^pytorch_model(-\d+-of-\d+\.bin|\.bin\.index\.json)$/];

/**
 * Converts a model.
 * @returns the card that was written last, verselet.json.
 * @throws VerseletError `bad-request`, `unsupported-model`, `model-not-found`, `hub-refused`, `network`, `integrity`, `aborted`.
 */
export async function convertModel(command: ConvertCommand): Promise<JsonObject> {
  const folder = await stat(command.from).then((found) => found.isDirectory(), () => false);
  if (folder) return convertFrom(command.from, command, { id: basename(resolve(command.from)) });
  const spec = parseModelSpec(command.from);
  if (spec.kind !== 'hub') throw new VerseletError('bad-request', 'Name a folder that exists, or a model of the hub as org/name.');
  await mkdir(command.out, { recursive: true });
  const temporary = await mkdtemp(join(command.out, '.download-'));
  try {
    const { license, commit } = await downloadModel(command, spec.id, spec.revision ?? 'main', temporary);
    const provenance = `Packed from ${spec.id} at revision ${commit}.`;
    const startToken = startTokenOf(spec.id);
    return await convertFrom(temporary, command, { id: spec.id.split('/')[1]!, license, provenance, startToken });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function convertFrom(folder: string, command: ConvertCommand, facts: ConvertOptions): Promise<JsonObject> {
  const source = folderSource(folder);
  const { out, id, signal, onProgress } = command;
  try {
    return await convertFolder(source, folderWriter(out), {
      ...facts,
      ...(id === undefined ? {} : { id }),
      buildTokenizer,
      signal,
      onProgress: (done, total) => onProgress?.('pack', 'verselet.safetensors', done, total),
    });
  } finally {
    await source.close();
  }
}

async function buildTokenizer(source: ModelSource): Promise<unknown> {
  const text = async (path: string) => {
    const bytes = await source.read(path);
    return bytes && new TextDecoder().decode(bytes);
  };
  const parsed = async (path: string): Promise<unknown> => JSON.parse((await text(path)) ?? 'null') ?? undefined;
  const [vocab, merges] = [await parsed('vocab.json'), await text('merges.txt')];
  if (vocab === undefined || merges === undefined) return undefined;
  return buildTokenizerJson({
    vocab,
    merges,
    addedTokens: await parsed('added_tokens.json'),
    specialTokensMap: await parsed('special_tokens_map.json'),
    tokenizerConfig: await parsed('tokenizer_config.json'),
  });
}

async function downloadModel(
  command: ConvertCommand,
  id: string,
  revision: string,
  folder: string,
): Promise<{ license: string; commit: string }> {
  const hub = parseHub(command.hub);
  const net: Net = { fetch, clock: systemClock, signal: command.signal };
  const found = await resolveRevision(net, hub, id, revision);
  const listed = await listFiles(net, hub, id, found.commit);
  const wanted = CHECKPOINTS.find((pattern) => listed.some(({ path }) => pattern.test(path)));
  if (wanted === undefined) throw new VerseletError('unsupported-model', `${id} has no checkpoint that can be packed.`);
  for (const file of listed.filter(({ path }) => SMALL.includes(path) || wanted.test(path))) {
    const url = fileUrl(hub, id, found.commit, file.path);
    await downloadFile(net, url, file, join(folder, file.path), command);
  }
  return found;
}

/** Streams a file to the disk; a cut goes on where it was, the hub's hash is compared. */
async function downloadFile(net: Net, url: string, file: HubFile, to: string, { onProgress }: ConvertCommand): Promise<void> {
  const budget = new RetryBudget(net.clock, net.signal);
  const handle = await open(to, 'w');
  let hash = createHash('sha256');
  let done = 0;
  const attempt = async () => {
    const transfer = await openTransfer(net, url, file.path, done > 0 ? { headers: { Range: `bytes=${done}-` } } : {});
    try {
      if (transfer.response.status !== 206) [done, hash] = [0, createHash('sha256')];
      for (let bytes = await transfer.read(); bytes !== undefined; bytes = await transfer.read()) {
        await handle.write(bytes, 0, bytes.length, done);
        hash.update(bytes);
        done += bytes.length;
        budget.progressed();
        onProgress?.('download', file.path, done, file.size ?? 0);
      }
    } finally {
      transfer.close();
    }
    const short = file.size !== undefined && done < file.size;
    if (short) throw new Transient(new VerseletError('network', `The connection was cut before ${file.path} was whole.`));
  };
  try {
    let whole = false;
    while (!whole) {
      whole = await attempt().then(() => true, async (error: unknown) => {
        await budget.spend(error);
        return false;
      });
    }
  } finally {
    await handle.close();
  }
  const wrong = (file.size !== undefined && done !== file.size) || (file.sha256 !== undefined && hash.digest('hex') !== file.sha256);
  if (wrong) throw new VerseletError('integrity', `${file.path} differs from what the hub announced.`);
}
