/** A model and its passes as the words that `assembly/forward.ts` reads. */

import type { Gpt2Config } from '../../convert/types.ts';
import type { Arena } from './arena.ts';
import type { PagedCache } from './cache.ts';
import type { MatrixKind, PackedMatrix } from './matrix.ts';
import type { PackedLayer, PackedLinear, PackedModel } from './model.ts';
import type { Workspace } from './workspace.ts';

const KINDS: Record<MatrixKind, number> = { f32: 0, q4: 4, q8: 8 };
/** Words of a job; keep in step with the class there. */
const JOB_WORDS = 24;

const bits = new DataView(new ArrayBuffer(4));

/** The bits of a float as a word. */
function word(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}

function writeWords(arena: Arena, words: readonly number[]): number {
  const at = arena.allocate(words.length * 4);
  arena.words(at, words.length).set(words);
  return at;
}

function writeMatrix(arena: Arena, { kind, address, cols, outs, panels }: PackedMatrix, bias = 0): number {
  return writeWords(arena, [KINDS[kind], address, cols, outs, panels, bias]);
}

function layerWords(arena: Arena, { ln1, ln2, qkv, proj, up, down }: PackedLayer): number[] {
  const linear = ({ weight, bias }: PackedLinear): number => writeMatrix(arena, weight, bias);
  return [ln1.weight, ln1.bias, ln2.weight, ln2.bias, linear(qkv), linear(proj), linear(up), linear(down)];
}

/** Writes the model's table. @returns its address. */
export function writeModel(arena: Arena, config: Gpt2Config, { wte, head, wpe, lnF, layers }: PackedModel): number {
  const table = writeWords(arena, layers.flatMap((layer) => layerWords(arena, layer)));
  const { heads, width, inner, vocab, layerNormEpsilon } = config;
  const norm = [lnF.weight, lnF.bias];
  const matrices = [writeMatrix(arena, wte), writeMatrix(arena, head)];
  return writeWords(arena, [layers.length, heads, width, inner, vocab, word(layerNormEpsilon), wpe, ...norm, ...matrices, table]);
}

export interface Pass {
  /** Who computes it, of all threads. */
  threads: number;
  /** Steps of the call that were computed before, of how many, and in this pass. */
  from: number;
  steps: number;
  count: number;
  /** Which logits are wanted: of every position, of the pass's last, or none. */
  logits: 'all' | 'last' | 'none';
}

/** The words of one pass, written anew for each. */
export class Job {
  readonly address: number;
  readonly #arena: Arena;
  readonly #model: number;
  readonly #config: Gpt2Config;
  readonly #layerBytes: number;
  readonly #maySleep: boolean;

  /** @param maySleep whether this thread may sleep while it waits for others. */
  constructor(arena: Arena, config: Gpt2Config, model: number, layerBytes: number, maySleep: boolean) {
    this.address = arena.allocate(JOB_WORDS * 4);
    this.#arena = arena;
    this.#model = model;
    this.#config = config;
    this.#layerBytes = layerBytes;
    this.#maySleep = maySleep;
  }

  write({ threads, from, steps, count, logits }: Pass, cache: PagedCache, space: Workspace): void {
    const { x, normed, attended, hidden } = space;
    const all = logits === 'all';
    const vocabBytes = this.#config.vocab * 4;
    const into = logits === 'none' ? 0 : space.logits + (all ? from * vocabBytes : 0);
    this.#arena.words(this.address, JOB_WORDS).set([
      this.#model,
      threads,
      Number(this.#maySleep),
      cache.rows,
      count,
      cache.length,
      space.tokens + from * 4,
      steps * 4,
      cache.tables,
      cache.tableStride,
      this.#layerBytes,
      x.at,
      normed.at,
      attended.at,
      x.stride,
      hidden.at,
      hidden.stride,
      space.integers,
      space.integerStride,
      space.scratch,
      space.scratchStride,
      into,
      (all ? steps : 1) * vocabBytes,
      Number(all),
    ]);
  }
}
