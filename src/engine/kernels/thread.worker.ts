/** A helper thread's entry in browsers. */
import { serve } from './serve.ts';
import type { Task } from './serve.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
scope.addEventListener('message', ({ data }) => serve(data as Task, () => scope.postMessage('ready')), { once: true });
