import { VerseletError } from '../errors.ts';
import workerUrl from './composer.worker.ts?worker&url';

/**
 * Folder that holds `models/` and `data/`. Every built script lies one folder below it (`assets/`, `embed/`);
 * in development the page's root is that folder.
 */
export const ASSET_BASE = new URL(/* @vite-ignore */ import.meta.env.DEV ? '/' : '../', import.meta.url).href;

interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown };
}

/** Vouches for the worker's address where a page enforces Trusted Types: its policy then names `verselet`. */
const vouch = (() => {
  try {
    const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypePolicyFactory };
    const policy = trustedTypes?.createPolicy('verselet', { createScriptURL: (url) => url });
    return (url: string) => (policy ? policy.createScriptURL(url) : url) as string;
  } catch {
    // A policy of that name is not allowed, or another copy of this script has made it: the page's default one decides.
    return (url: string) => url;
  }
})();

/**
 * Starts a composer worker. From another origin `new Worker(url)` is a SecurityError, so there a same-origin blob imports
 * the script; the embedding page's CSP then needs `worker-src blob:`. The import is a dynamic one: a static one would
 * be checked against `worker-src`, not `script-src`. It comes late, so nothing may be posted before the worker's `hello`.
 * @throws VerseletError `no-device` when the browser refuses to start a worker.
 */
export function spawnWorker(): Worker {
  const url = new URL(workerUrl, import.meta.url);
  try {
    if (url.origin === globalThis.location?.origin) return new Worker(vouch(url.href), { type: 'module', name: 'verselet' });
    const blob = new Blob([`import(${JSON.stringify(url.href)}).catch((error) => setTimeout(() => { throw error; }));`], { type: 'text/javascript' });
    const shim = URL.createObjectURL(blob);
    const worker = new Worker(vouch(shim), { type: 'module', name: 'verselet' });
    worker.addEventListener('message', () => URL.revokeObjectURL(shim), { once: true });
    return worker;
  } catch (cause) {
    throw new VerseletError('no-device', 'The browser refused to start a worker.', {
      hint: 'Allow workers for this page: its Content-Security-Policy needs "worker-src blob:".',
      cause,
    });
  }
}
