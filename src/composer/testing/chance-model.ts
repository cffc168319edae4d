/** A language model without a mind, for tests of the control: it draws evenly among what it is allowed. */

import { readFileSync } from 'node:fs';
import { createTokenizer } from '../../engine/tokenizer.ts';
import type { DecodedRow, DecodeJob, DecodeRow, LanguageModel, TextTokenizer } from '../../engine/types.ts';
import { throwIfAborted } from '../../errors.ts';
import type { ComposerResources } from '../types.ts';

const root = new URL('../../../public/', import.meta.url);

function json(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`models/verse-nano/${name}`, root), 'utf8'));
}

/** The embedded model's tokenizer. */
export const tokenizer: TextTokenizer = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));

/** The shipped tables, from disk. */
export const resources: ComposerResources = {
  loadTable: (name) => Promise.resolve(new Uint8Array(readFileSync(new URL(`data/${name}`, root)))),
};

export class ChanceModel implements LanguageModel {
  readonly vocab = tokenizer.size;
  readonly context: number;
  readonly device = { kind: 'wasm', name: 'CPU', threads: 1, why: 'It is a test.' } as const;
  readonly tokenizer = tokenizer;
  tokensDecoded = 0;
  /** Every job that was asked for. */
  readonly jobs: DecodeJob[] = [];

  constructor(context = 384) {
    this.context = context;
  }

  async decode(job: DecodeJob, signal?: AbortSignal): Promise<DecodedRow[]> {
    throwIfAborted(signal);
    if (job.prefix.length >= this.context) throw new Error(`prefix of ${job.prefix.length} tokens`);
    this.jobs.push(job);
    return job.rows.map((row) => this.row(row));
  }

  private row(row: DecodeRow): DecodedRow {
    const tokens: number[] = [];
    const done = (stopped: DecodedRow['stopped']): DecodedRow => {
      this.tokensDecoded += tokens.length;
      return { tokens, logProbs: tokens.map(() => -2), stopped };
    };
    for (;;) {
      const constraint = row.control.next(tokens);
      if (constraint.kind === 'stop') return done('control');
      if (tokens.length >= row.maxTokens) return done('length');
      if (constraint.kind === 'force') tokens.push(...constraint.tokens);
      else tokens.push(this.draw(row, constraint.allow));
    }
  }

  private draw(row: DecodeRow, allow: readonly number[] | Uint8Array | undefined): number {
    if (!(allow instanceof Uint8Array)) {
      if (!allow || allow.length === 0) throw new Error('nothing is allowed');
      return allow[Math.floor(row.random.next() * allow.length)]!;
    }
    const count = allow.reduce((sum, one) => sum + one, 0);
    if (count === 0) throw new Error('nothing is allowed');
    let left = Math.floor(row.random.next() * count);
    return allow.findIndex((one) => one === 1 && left-- === 0);
  }

  score(): Promise<Float32Array> {
    throw new Error('not used');
  }

  logits(): Promise<Float32Array> {
    throw new Error('not used');
  }

  async dispose(): Promise<void> {}
}
