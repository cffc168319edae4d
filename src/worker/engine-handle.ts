import { VerseletError } from '../errors.ts';
import type { DeviceInfo } from '../engine/types.ts';
import { type ComposerOptions, checkOptions } from './composer-options.ts';
import { openSession } from './device-session.ts';
import type { OpenResult, Params, Results } from './protocol.ts';

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

/** What the handle needs of a session, in a worker or in this process. */
interface EngineSession {
  readonly opened: OpenResult;
  call<M extends 'tokenizer' | 'logits' | 'greedy'>(method: M, params: Params[M]): Promise<Results[M]>;
  release(): void | Promise<void>;
}

/**
 * Opens a model's bare engine.
 * @throws VerseletError (as a rejection) as `createComposer` does.
 */
export async function openEngine(options?: EngineOptions): Promise<EngineHandle> {
  return engineHandle(await openSession(checkOptions(options, 'engine')));
}

/** The handle over an open session; it releases the session once. */
export async function engineHandle(session: EngineSession): Promise<EngineHandle> {
  const [{ json, config }, { createTokenizer }] = await Promise.all([
    session.call('tokenizer', {}),
    import('../engine/tokenizer.ts'),
  ]);
  const tokenizer = createTokenizer(json, config);
  const { vocab, context, device } = session.opened;
  let released = false;
  return {
    vocab,
    context,
    device,
    encode: (text) => tokenizer.encode(text),
    decode: (ids) => tokenizer.decode(ids),
    logits: async (ids) => session.call('logits', { ids: checkIds(ids, vocab) }),
    greedy: async (ids, count) => {
      if (!Number.isInteger(count) || count < 1) throw new VerseletError('bad-request', '"count" must be a whole number from 1.');
      return session.call('greedy', { ids: checkIds(ids, vocab), count });
    },
    dispose: async () => {
      if (!released) await session.release();
      released = true;
    },
  };
}

function checkIds(ids: unknown, vocab: number): number[] {
  const fine = Array.isArray(ids) && ids.length > 0 && ids.every((id) => Number.isInteger(id) && id >= 0 && id < vocab);
  if (!fine) throw new VerseletError('bad-request', `"ids" must be a list of whole numbers from 0 to ${vocab - 1}.`);
  return ids as number[];
}
