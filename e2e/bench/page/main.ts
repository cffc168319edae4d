/** The benchmark's page: opens contenders and runs them when the driver asks. */
import type { Contender, Run } from './contender.ts';
import { batchCost, contextCost, gpuCounts } from './growth.ts';
import { openOwn, type OwnOptions } from './own.ts';
import { openTransformers, type TransformersOptions } from './transformers.ts';
import { openWllama, type WllamaOptions } from './wllama.ts';

export type Spec =
  | { program: 'transformers'; options: TransformersOptions }
  | { program: 'wllama'; options: WllamaOptions }
  | { program: 'own'; options: OwnOptions };

const open = new Map<string, Contender>();

function start(spec: Spec): Promise<Contender> {
  if (spec.program === 'transformers') return openTransformers(spec.options);
  if (spec.program === 'wllama') return openWllama(spec.options);
  return openOwn(spec.options);
}

const driver = {
  /** Opens a contender under a name. @returns ms. */
  async open(name: string, spec: Spec): Promise<number> {
    const begin = performance.now();
    open.set(name, await start(spec));
    return performance.now() - begin;
  },
  run: (name: string, prompt: number, count: number): Promise<Run> => open.get(name)!.run(prompt, count),
  bare: (name: string, prompt: number, count: number): Promise<Run> => open.get(name)!.bare!(prompt, count),
  tokens: (name: string): number[] => open.get(name)?.tokens?.() ?? [],
  memoryBytes: (name: string): number => open.get(name)?.memoryBytes?.() ?? 0,
  async close(name: string): Promise<void> {
    await open.get(name)?.close();
    open.delete(name);
  },
  contextCost,
  batchCost,
  gpuCounts,
};

export type Driver = typeof driver;
Object.assign(globalThis, { bench: driver });
