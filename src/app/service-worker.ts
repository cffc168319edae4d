/**
 * The page without a network, and with isolation where the host sends no headers for it.
 *
 * The shell is precached; what a poem needs beside it (runtime, tables, small model files) is kept as it is first used,
 * weights never: they lie in the hub's own store. A new version waits until the page asks for it.
 */

import { PrecacheController, type PrecacheEntry } from 'workbox-precaching';

declare const self: ServiceWorkerGlobalScope;

const RUNTIME = 'verselet-runtime-1';
/** Answers larger than this are weights or archives, which the page's own store keeps. */
const MAX_KEPT_BYTES = 40e6;
const WEIGHTS = /\/models\/.+\.(bin|onnx|safetensors|verse)$/;
const HASHED = /\/assets\/(.+)-[\w-]{8}\.(\w+)$/;

/** Files that a first poem needs: large or many, so they are kept after it and not before the reader wants one. */
const LATER = /^(data|models)\/|\/(ort|dictionary)[-.][^/]*$/;

const files = self.__WB_MANIFEST as PrecacheEntry[];
const shell = new PrecacheController();
shell.addToCacheList(files.filter(({ url }) => !LATER.test(url)));

self.addEventListener('install', (event) => {
  event.waitUntil(shell.install(event));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      await shell.activate(event);
      for (const name of await caches.keys()) {
        if (name.startsWith('verselet-runtime-') && name !== RUNTIME) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener('message', (event) => {
  const type = (event.data as { type?: unknown } | null)?.type;
  if (type === 'skip-waiting') void self.skipWaiting();
  if (type === 'keep-runtime') event.waitUntil(keepRuntime());
});

/**
 * On a first visit the poem was written before this worker was in control: what it took is fetched again, from the
 * browser's own cache. The large runtime only from there: a device that never used it has no use for it.
 */
async function keepRuntime(): Promise<void> {
  for (const { url } of files.filter((file) => LATER.test(file.url))) {
    const href = new URL(url, self.registration.scope).href;
    if (await caches.match(href)) continue;
    const large = /\.(wasm|m?js)$/.test(href);
    try {
      const request = new Request(href, large ? { cache: 'only-if-cached', mode: 'same-origin' } : { cache: 'force-cache' });
      await keep(request, await fetch(request));
    } catch {
      // Not in the browser's cache, or no network: it is kept when it is used.
    }
  }
}

/** The answer with isolation headers, where the host did not send its own. */
function isolated(response: Response): Response {
  if (response.type === 'opaque' || response.type === 'opaqueredirect' || response.status === 0) return response;
  if (response.headers.has('Cross-Origin-Embedder-Policy')) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  if (!headers.has('Cross-Origin-Resource-Policy')) headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const body = [101, 204, 205, 304].includes(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

async function keep(request: Request, response: Response): Promise<void> {
  const bytes = Number(response.headers.get('Content-Length') ?? 0);
  if (response.status !== 200 || bytes > MAX_KEPT_BYTES) return;
  const cache = await caches.open(RUNTIME);
  const hashed = HASHED.exec(new URL(request.url).pathname);
  await cache.put(request, response);
  if (!hashed) return;
  // The same file of an older build is of no use any more.
  for (const key of await cache.keys()) {
    const other = HASHED.exec(new URL(key.url).pathname);
    if (other?.[1] === hashed[1] && other[2] === hashed[2] && key.url !== request.url) await cache.delete(key);
  }
}

async function fromNetwork(event: FetchEvent): Promise<Response> {
  const response = await fetch(event.request);
  if (response.ok && !WEIGHTS.test(new URL(event.request.url).pathname)) {
    // A full disk must not spoil an answer that has come.
    event.waitUntil(keep(event.request, response.clone()).catch(() => undefined));
  }
  return response;
}

async function answer(event: FetchEvent): Promise<Response> {
  const url = new URL(event.request.url);
  // Wishes travel in the query; the page itself is the same file.
  const key = shell.getCacheKeyForURL(event.request.mode === 'navigate' ? pageOf(url) : url.href);
  const precached = key && (await caches.match(key));
  if (precached) return isolated(precached);
  const fixed = HASHED.test(url.pathname);
  const kept = fixed ? await caches.match(event.request) : undefined;
  if (kept) return isolated(kept);
  try {
    return isolated(await fromNetwork(event));
  } catch (error) {
    const fallback = await caches.match(event.request, { ignoreSearch: event.request.mode === 'navigate', ignoreVary: true });
    if (fallback) return isolated(fallback);
    throw error;
  }
}

function pageOf(url: URL): string {
  const path = url.pathname.endsWith('/') ? `${url.pathname}index.html` : url.pathname;
  return new URL(path, url.origin).href;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  // Parts of files are for the store that asked for them.
  if (request.headers.has('Range')) return;
  event.respondWith(answer(event));
});
