/** What a page does that writes with transformers.js: opens the pipeline, asks for tokens. */
import { env, pipeline } from '@huggingface/transformers';
import { configure } from './transformers.ts';

export interface PipelineTimes {
  loadMs: number;
  /** One line's tokens after the load. */
  firstLineMs: number;
  /** A whole poem's tokens after the load. */
  poemMs: number;
}

/** Times from the call on, in ms. */
export async function runPipeline(models: string, runtime: string, line: number, poem: number): Promise<PipelineTimes> {
  const start = performance.now();
  configure(models, runtime);
  env.useBrowserCache = true;
  const generate = await pipeline('text-generation', 'embedded');
  const loadMs = performance.now() - start;
  const tokens = (count: number) => ({ max_new_tokens: count, min_new_tokens: count, do_sample: true, top_k: 40 });
  await generate('The sea', tokens(line));
  const firstLineMs = performance.now() - start;
  const begin = performance.now();
  await generate('The sea', tokens(poem));
  const poemMs = loadMs + performance.now() - begin;
  return { loadMs, firstLineMs, poemMs };
}

Object.assign(globalThis, { runPipeline });
