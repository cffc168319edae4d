/**
 * What packing to four bits costs: bits per byte on held-out poems with the checkpoint's own weights and with the packed
 * ones, both computed by the engine that the page runs.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { openEngine } from '../../src/engine/open-engine.ts';
import type { LanguageModel, TextTokenizer } from '../../src/engine/types.ts';
import { openModel } from '../../src/hub/open-model.ts';
import { localFetch } from '../../src/worker/local-fetch.ts';

/** Documents of authors that training did not see, one a line, serialized as training/FORMAT.md says; public domain. */
const HELD_OUT = new URL('./held-out.txt.gz', import.meta.url);
const BASE = new URL('../../public/', import.meta.url).href;
const PART = /<\|[a-z0-9-]+\|>|[^<]+/g;

type Kind = 'plan' | 'text' | 'title';

interface Document {
  ids: number[];
  /** Of each id: markers, syllables and end words are `plan`. */
  kinds: Kind[];
  /** Bytes of the lines' text. */
  bytes: number;
}

export interface Loss {
  precision: 'source' | 'packed';
  megabytes: number;
  /** Of the text of the lines alone. */
  text: number;
  /** Of everything that a line costs (markers, syllable token, end word, text), per byte of its text. */
  lineWithPlan: number;
}

/** One document as ids; whole parts only, at most `most` ids. */
function serialized(row: string, tokenizer: TextTokenizer, most: number): Document {
  const document: Document = { ids: [], kinds: [], bytes: 0 };
  let kind: Kind = 'plan';
  for (const part of row.match(PART) ?? []) {
    const marker = tokenizer.special(part);
    const ids = marker === undefined ? tokenizer.encode(part) : [marker];
    if (document.ids.length + ids.length > most) break;
    document.ids.push(...ids);
    document.kinds.push(...ids.map(() => (marker === undefined ? kind : 'plan')));
    if (marker === undefined && kind === 'text') document.bytes += Buffer.byteLength(part);
    if (part === '<|plan|>') kind = 'text';
    else if (part === '<|title|>') kind = 'title';
    else if (marker !== undefined) kind = 'plan';
  }
  return document;
}

async function measure(model: LanguageModel, rows: readonly string[]): Promise<Pick<Loss, 'text' | 'lineWithPlan'>> {
  const nats = { plan: 0, text: 0, title: 0 };
  let bytes = 0;
  for (const row of rows) {
    const document = serialized(row, model.tokenizer, model.context);
    const scores = await model.score(document.ids, 1);
    scores.forEach((logProb, at) => {
      nats[document.kinds[at + 1]!] -= logProb;
    });
    bytes += document.bytes;
  }
  const bits = Math.LN2 * bytes;
  return { text: nats.text / bits, lineWithPlan: (nats.plan + nats.text) / bits };
}

/** @param most documents at most; the file has 150. */
export async function quantizationLoss(id: string | undefined, most = Infinity): Promise<{ documents: number; losses: Loss[] }> {
  const rows = gunzipSync(readFileSync(HELD_OUT)).toString('utf8').trimEnd().split('\n').slice(0, most);
  const losses: Loss[] = [];
  for (const precision of ['source', 'packed'] as const) {
    const files = await openModel(id, { base: BASE, precision, device: 'wasm', fetch: localFetch });
    const model = await openEngine(files, { device: 'wasm' });
    losses.push({ precision, megabytes: files.weights.byteLength / 1e6, ...(await measure(model, rows)) });
    await model.dispose();
  }
  return { documents: rows.length, losses };
}
