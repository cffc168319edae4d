import { VerseletError } from '../errors.ts';
import { alternativesFor, composePoem } from '../composer/compose.ts';
import { prepareStudio } from '../composer/studio.ts';
import type { ComposeInput, ComposerResources, Composition } from '../composer/types.ts';
import { greedy } from '../engine/greedy.ts';
import { openEngine } from '../engine/open-engine.ts';
import { prepareCpu } from '../engine/open-backend.ts';
import type { LanguageModel } from '../engine/types.ts';
import { crashMarks } from '../hub/crash-marks.ts';
import { inspectModel } from '../hub/inspect-model.ts';
import { openModel } from '../hub/open-model.ts';
import type { ModelFiles } from '../hub/types.ts';
import { deleteKept, shelf } from '../hub/shelf.ts';
import { textOf } from '../poetry/poem.ts';
import { parsePoem } from '../poetry/saved-poem.ts';
import type { ParsedRequest, Poem } from '../poetry/types.ts';
import { checkAlternatives } from './compose-arguments.ts';
import type { CallContext, Service } from './host.ts';
import type { Method, OpenRequest, OpenResult, Params, Results } from './protocol.ts';
import { tableLoader } from './tables.ts';

export interface ServiceOptions {
  /** Told when the device dies between requests. */
  onDeviceLost(message: string): void;
  /** Default: the browser's. */
  fetch?: typeof fetch;
}

interface OpenModel {
  files: ModelFiles;
  engine: LanguageModel;
  resources: ComposerResources;
  loadMs: number;
}

/** Where it may not, the CPU's kernels are fetched at once. */
function mayUseGpu(device: OpenRequest['device']): boolean {
  return device !== 'wasm' && (globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu !== undefined;
}

/** Answers the worker's calls with one model on one device. */
export class ComposerService implements Service {
  #options: ServiceOptions;
  #open: OpenModel | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  async answer<M extends Method>(method: M, params: Params[M], context: CallContext): Promise<Results[M]> {
    return (await this.#dispatch({ method, params } as { [N in Method]: { method: N; params: Params[N] } }[Method], context)) as Results[M];
  }

  /** Frees the model. */
  async close(): Promise<void> {
    await this.#open?.engine.dispose();
    this.#open = undefined;
  }

  #dispatch(call: { [N in Method]: { method: N; params: Params[N] } }[Method], context: CallContext): Promise<Results[Method]> {
    switch (call.method) {
      case 'open':
        return this.#openModel(call.params, context);
      case 'compose':
        return this.#compose(call.params, context);
      case 'alternatives':
        return this.#alternatives(call.params, context);
      case 'tokenizer':
        return Promise.resolve(this.#model.files.tokenizer);
      case 'logits':
        return this.#model.engine.logits(call.params.ids, context.signal).then((logits) => logits.slice());
      case 'greedy':
        return greedy(this.#model.engine, call.params.ids, call.params.count, context.signal);
      case 'models':
        return shelf(call.params.base);
      case 'delete-model':
        return deleteKept(call.params.id, call.params.revision).then(() => null);
      case 'inspect':
        return inspectModel(call.params.model, { hub: call.params.hub, base: call.params.base, signal: context.signal });
    }
  }

  get #model(): OpenModel {
    if (!this.#open) throw new VerseletError('bad-request', 'No model is open.', { hint: 'Open a model first.' });
    return this.#open;
  }

  async #openModel(request: OpenRequest, { signal, tell }: CallContext): Promise<OpenResult> {
    const start = performance.now();
    const onProgress = (progress: Parameters<NonNullable<Parameters<typeof openModel>[1]['onProgress']>>[0]) => tell({ kind: 'progress', progress });
    const { model, hub, base, precision, device } = request;
    const resources = { loadTable: tableLoader(base, this.#options.fetch) };
    if (!mayUseGpu(device)) prepareCpu();
    if (request.tables) prepareStudio(resources);
    const files = await openModel(model, { hub, base, precision, device, signal, onProgress, onWriteFailure: 'memory', fetch: this.#options.fetch });
    const engine = await openEngine(files, { device, avoid: request.avoid, signal, onProgress, onLost: this.#options.onDeviceLost, marks: crashMarks() });
    const loadMs = performance.now() - start;
    this.#open = { files, engine, resources, loadMs };
    return { model: files.info, device: engine.device, vocab: engine.vocab, context: engine.context, loadMs };
  }

  async #compose({ request, resume }: Params['compose'], { signal, tell }: CallContext): Promise<Poem> {
    const start = performance.now();
    let firstLineMs = 0;
    const events = composePoem({ ...this.#input(request, signal), resume });
    for (;;) {
      const { value, done } = await events.next();
      if (done) return this.#poem(request, value, { firstLineMs, totalMs: performance.now() - start });
      if (value.kind === 'line') {
        firstLineMs ||= performance.now() - start;
        tell({ kind: 'line', line: value.line });
      } else if (value.kind === 'attempt') tell({ kind: 'writing', index: value.index, total: value.total });
    }
  }

  async #alternatives(params: Params['alternatives'], { signal }: CallContext): Promise<string[]> {
    const poem = parsePoem(params.poem);
    const { line, count } = params;
    checkAlternatives(poem, line, count);
    const { emotion, form, seed } = poem;
    const request: ParsedRequest = { rhyme: 'perfect', ...poem.request, emotion, form, seed };
    return alternativesFor(this.#input(request, signal), poem, line, count);
  }

  #input(request: ParsedRequest, signal: AbortSignal): ComposeInput {
    const { engine, files, resources } = this.#model;
    return { model: engine, dialect: files.info.dialect, startToken: files.startToken, request, resources, signal };
  }

  #poem(request: ParsedRequest, made: Composition, { firstLineMs, totalMs }: { firstLineMs: number; totalMs: number }): Poem {
    const { files, engine, loadMs } = this.#model;
    const { id, revision, dtype } = files.info;
    const tokensPerSecond = totalMs > 0 ? (made.tokens * 1000) / totalMs : 0;
    return {
      id: crypto.randomUUID?.() ?? `${request.seed}-${Date.now()}`,
      title: made.title,
      stanzas: made.stanzas,
      text: textOf(made.stanzas),
      emotion: request.emotion,
      form: request.form,
      seed: request.seed,
      request,
      model: { id, revision, dtype },
      device: engine.device.kind,
      checks: made.checks,
      timings: { loadMs, firstLineMs, totalMs, tokens: made.tokens, tokensPerSecond },
      createdAt: new Date().toISOString(),
    };
  }
}
