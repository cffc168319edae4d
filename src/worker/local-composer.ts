import type { Composer, ComposeOptions } from './client.ts';
import { parseRequest } from '../poetry/request.ts';
import type { Poem, PoemRequest } from '../poetry/types.ts';
import { type ComposerOptions, checkOptions } from './composer-options.ts';
import { checkComposeOptions, composerDisposed, drawSeed } from './compose-arguments.ts';
import { type EngineHandle, type EngineOptions, engineHandle } from './engine-handle.ts';
import { localFetch } from './local-fetch.ts';
import type { Method, OpenResult, Params, Results } from './protocol.ts';
import { ComposerService } from './service.ts';
import { ASSET_BASE } from './spawn.ts';

/** The built package lies beside its models; the sources of a clone take the ones of the site. */
const LOCAL_BASE = import.meta.env.PROD ? ASSET_BASE : new URL(/* @vite-ignore */ '../../public/', import.meta.url).href;

/** One model in this process; calls queue as they do in a worker. */
class LocalSession {
  readonly #service: ComposerService;
  readonly opened: OpenResult;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(service: ComposerService, opened: OpenResult) {
    this.#service = service;
    this.opened = opened;
  }

  static async open(options: unknown, kind: 'composer' | 'engine'): Promise<LocalSession> {
    const { model, hub, device, precision, tables, onProgress, signal } = checkOptions(options, kind);
    const service = new ComposerService({ onDeviceLost: () => {}, fetch: localFetch });
    const context = { signal: signal ?? new AbortController().signal, tell: (told: { kind: string; progress?: unknown }) => told.kind === 'progress' && onProgress?.(told.progress as never) };
    const opened = await service.answer('open', { model, hub, device, precision, tables, base: LOCAL_BASE, avoid: [] }, context);
    return new LocalSession(service, opened);
  }

  call<M extends Method>(method: M, params: Params[M], options: ComposeOptions = {}): Promise<Results[M]> {
    const signal = options.signal ?? new AbortController().signal;
    const answer = this.#queue.then(() =>
      this.#service.answer(method, params, {
        signal,
        tell: (message) => {
          if (message.kind === 'line') options.onLine?.(message.line);
          else if (message.kind === 'writing') options.onWriting?.(message.index, message.total);
        },
      }),
    );
    this.#queue = answer.catch(() => {});
    return answer;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#service.close();
  }
}

/**
 * `createComposer` in this process.
 * @throws VerseletError (as a rejection): `bad-request`, what the hub said, `no-device` without WebAssembly SIMD.
 */
export async function createLocalComposer(options?: ComposerOptions): Promise<Composer> {
  const session = await LocalSession.open(options, 'composer');
  let disposed = false;
  const assertUsable = () => {
    if (disposed) throw composerDisposed();
  };
  return {
    model: session.opened.model,
    device: session.opened.device,
    async compose(request: PoemRequest = {}, composeOptions: ComposeOptions = {}) {
      assertUsable();
      checkComposeOptions(composeOptions);
      return session.call('compose', { request: parseRequest(request, drawSeed) }, composeOptions);
    },
    async alternatives(poem: Poem, line: number, count = 4) {
      assertUsable();
      return session.call('alternatives', { poem, line, count });
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await session.close();
    },
  };
}

/** `engine.open` in this process. */
export async function openLocalEngine(options?: EngineOptions): Promise<EngineHandle> {
  const session = await LocalSession.open(options, 'engine');
  return engineHandle({ opened: session.opened, call: (method, params) => session.call(method, params), release: () => session.close() });
}
