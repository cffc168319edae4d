import { VerseletError } from '../errors.ts';
import type { DeviceInfo } from '../engine/types.ts';
import { type ComposerOptions, checkOptions } from './composer-options.ts';
import { openSession } from './device-session.ts';

/** The language model without the poetry: for tests, and for people who want just that. */
export interface EngineHandle {
  readonly vocab: number;
  readonly context: number;
  readonly device: DeviceInfo;
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
  /** Logits after the last id, [vocab]. */
  logits(ids: readonly number[]): Promise<Float32Array>;
  /** The `count` most likely tokens, one after the other. */
  greedy(ids: readonly number[], count: number): Promise<number[]>;
  dispose(): Promise<void>;
}

export interface EngineOptions extends ComposerOptions {
  /** `packed` is what ships; `source` the checkpoint's own precision. */
  precision?: 'packed' | 'source';
}

/**
 * Opens a model's bare engine.
 * @throws VerseletError (as a rejection) as `createComposer` does.
 */
export async function openEngine(options?: EngineOptions): Promise<EngineHandle> {
  const session = await openSession(checkOptions(options, 'engine'));
  const [{ json, config }, { createTokenizer }] = await Promise.all([
    session.call('tokenizer', {}),
    import('../engine/tokenizer.ts'),
  ]);
  const tokenizer = createTokenizer(json, config);
  let released = false;
  return {
    vocab: session.opened.vocab,
    context: session.opened.context,
    device: session.opened.device,
    encode: (text) => tokenizer.encode(text),
    decode: (ids) => tokenizer.decode(ids),
    logits: async (ids) => session.call('logits', { ids: checkIds(ids, session.opened.vocab) }),
    greedy: async (ids, count) => {
      if (!Number.isInteger(count) || count < 1) throw new VerseletError('bad-request', '"count" must be a whole number from 1.');
      return session.call('greedy', { ids: checkIds(ids, session.opened.vocab), count });
    },
    dispose: async () => {
      if (!released) session.release();
      released = true;
    },
  };
}

function checkIds(ids: unknown, vocab: number): number[] {
  const fine = Array.isArray(ids) && ids.length > 0 && ids.every((id) => Number.isInteger(id) && id >= 0 && id < vocab);
  if (!fine) throw new VerseletError('bad-request', `"ids" must be a list of whole numbers from 0 to ${vocab - 1}.`);
  return ids as number[];
}
