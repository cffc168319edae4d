import { VerseletError } from '../errors.ts';
import type { DeviceInfo, TextTokenizer } from '../engine/types.ts';
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
  const tokenizer = await openTokenizer(session).catch(async (error) => {
    await session.release();
    throw error;
  });
  const { vocab, context, device } = session.opened;
  let released = false;
  const assertUsable = () => {
    if (released) throw new VerseletError('aborted', 'This engine was disposed of.', { hint: 'Open it again.' });
  };
  return {
    vocab,
    context,
    device,
    encode: (text) => {
      if (typeof text !== 'string') throw new VerseletError('bad-request', '"text" must be text.');
      return tokenizer.encode(text);
    },
    decode: (ids) => tokenizer.decode(ids),
    logits: async (ids) => {
      assertUsable();
      return session.call('logits', { ids: checkIds(ids, vocab) });
    },
    greedy: async (ids, count) => {
      assertUsable();
      if (!Number.isInteger(count) || count < 1) throw new VerseletError('bad-request', '"count" must be a whole number from 1.');
      return session.call('greedy', { ids: checkIds(ids, vocab), count });
    },
    dispose: async () => {
      if (released) return;
      released = true;
      await session.release();
    },
  };
}

async function openTokenizer(session: EngineSession): Promise<TextTokenizer> {
  const [{ json, config }, { createTokenizer }] = await Promise.all([session.call('tokenizer', {}), import('../engine/tokenizer.ts')]);
  return createTokenizer(json, config);
}

function checkIds(ids: unknown, vocab: number): number[] {
  const fine = Array.isArray(ids) && ids.length > 0 && ids.every((id) => Number.isInteger(id) && id >= 0 && id < vocab);
  if (!fine) throw new VerseletError('bad-request', `"ids" must be a list of whole numbers from 0 to ${vocab - 1}.`);
  return ids as number[];
}
