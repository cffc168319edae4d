/**
 * The package in Node: the same exports as in the browser, with composers that run in this process on our WebAssembly
 * kernels. Models come from the package's own `models/`, a hub, or a folder's address; nothing is kept between runs.
 */

import type { EngineHandle, EngineOptions } from './worker/engine-handle.ts';
import { createLocalComposer, openLocalEngine } from './worker/local-composer.ts';

export * from './index.ts';
export const createComposer = createLocalComposer;
export const engine: { open(options?: EngineOptions): Promise<EngineHandle> } = { open: openLocalEngine };
