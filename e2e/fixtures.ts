import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Page, type Request, test as base } from 'playwright/test';
import { serve } from '../bin/serve.mjs';
import type { Poem, PoemRequest } from '../src/index.ts';

interface Origins {
  /** The built site, with the headers that the README recommends. */
  site: string;
  /** The built site on a host that sends no headers but types. */
  bareSite: string;
  /** An origin of somebody else; `pages` maps a path to its HTML. */
  elsewhere: { url: string; pages: Map<string, { html: string; headers?: Record<string, string> }> };
}

export const test = base.extend<{ requests: Request[] }, { origins: Origins }>({
  origins: [
    async ({}, use) => {
      const site = await serve('dist');
      const bare = await serve('dist', { plain: true });
      const pages: Origins['elsewhere']['pages'] = new Map([['/', { html: '<!doctype html><title>Elsewhere</title>' }]]);
      const elsewhere = createServer((request, response) => {
        const page = pages.get(request.url ?? '/');
        response.writeHead(page ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8', ...page?.headers });
        response.end(page?.html ?? '');
      });
      await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done));
      const url = `http://localhost:${(elsewhere.address() as AddressInfo).port}/`;
      await use({ site: site.url, bareSite: bare.url, elsewhere: { url, pages } });
      for (const server of [site.server, bare.server, elsewhere]) {
        server.closeAllConnections();
        server.close();
      }
    },
    { scope: 'worker' },
  ],
  /** Every request that the page, its workers included, has sent. */
  requests: async ({ context }, use) => {
    const seen: Request[] = [];
    context.on('request', (request) => seen.push(request));
    await use(seen);
  },
});

export { expect } from 'playwright/test';

export interface ComposeCall {
  entry: string;
  request?: PoemRequest;
  device?: 'auto' | 'webgpu' | 'wasm';
  model?: string;
  hub?: string;
}

export type Outcome = { poem: Poem; lines: string[] } | { error: { code: string; message: string; hint: string } };

/** Composes through the public API inside the page. */
export function composeIn(page: Page, call: ComposeCall): Promise<Outcome> {
  return page.evaluate(async ({ entry, request, ...options }) => {
    const { createComposer } = (await import(entry)) as typeof import('../src/embed.ts');
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    try {
      const composer = await createComposer(given);
      const lines: string[] = [];
      try {
        const poem = await composer.compose(request, { onLine: (line) => lines.push(line.text) });
        return { poem, lines };
      } finally {
        await composer.dispose();
      }
    } catch (error) {
      const { code, message, hint } = error as { code: string; message: string; hint: string };
      return { error: { code, message, hint } };
    }
  }, call);
}

/** The poem of an outcome that must be one. */
export function poemOf(outcome: Outcome): Poem {
  if ('error' in outcome) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return outcome.poem;
}
