/** The built site with its worker tampered with, so that devices and workers fail on purpose; nothing of it ships. */

import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright/test';
import { serve } from '../bin/serve.mjs';

/** What goes wrong with one worker; the first one started takes the first. */
export interface WorkerFault {
  /** In place of 200. */
  status?: number;
  /** Sent with the script: a worker's policy is its own. */
  headers?: Record<string, string>;
  /** Runs in the worker before its own script. */
  before?: string;
  /** In place of the script. */
  script?: string;
}

const WORKER = /\/assets\/composer\.worker-[\w-]+\.js$/;

export interface FaultSite {
  url: string;
  /** An empty page of the site's origin. */
  blank: string;
  /** Filled by a test; workers beyond its end are sound. */
  workers: WorkerFault[];
  /** Workers started so far. */
  started: number;
  /** Files that a careless upload left out: 404. */
  missing: RegExp | undefined;
  close(): void;
}

/** Serves `dist` on a free port. */
export async function startFaultSite(): Promise<FaultSite> {
  const sound = await serve('dist');
  const site: FaultSite = { url: '', blank: '', workers: [], started: 0, missing: undefined, close: () => stop(server, sound.server) };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://host').pathname;
    if (path === '/blank') return response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Blank</title>');
    if (site.missing?.test(path)) return response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found');
    const answer = await fetch(new URL(`.${path}`, sound.url));
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => !/^(date|connection|keep-alive|transfer-encoding|content-length)$/.test(name)));
    let body = Buffer.from(await answer.arrayBuffer());
    let { status } = answer;
    if (WORKER.test(path)) {
      const fault = site.workers[site.started] ?? {};
      site.started += 1;
      status = fault.status ?? status;
      Object.assign(headers, { 'cache-control': 'no-store' }, fault.headers);
      body = Buffer.concat([Buffer.from(`${fault.before ?? ''};\n`), fault.script === undefined ? body : Buffer.from(fault.script)]);
    }
    return response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  site.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  site.blank = `${site.url}blank`;
  return site;
}

function stop(...servers: Server[]): void {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
}

/** Runs `what` in the worker once it has told its line number `count`. */
const afterLine = (count: number, what: string): string =>
  `{ const post = postMessage.bind(globalThis); let told = 0;
     globalThis.postMessage = (message, ...more) => { post(message, ...more); if (message.kind === 'line' && ++told === ${count}) { ${what} } }; }`;

/** Keeps every GPU device that the worker asks for, and destroys them after a line. */
export const loseGpuAfterLine = (count: number): string =>
  `{ const ask = GPUAdapter.prototype.requestDevice; globalThis.devices = [];
     GPUAdapter.prototype.requestDevice = async function (...given) { const device = await ask.apply(this, given); devices.push(device); return device; }; }
   ${afterLine(count, 'for (const device of devices) device.destroy();')}`;

/** An error that nobody catches, in the middle of the work. */
export const crashAfterLine = (count: number): string => afterLine(count, "queueMicrotask(() => { throw new Error('crashed on purpose'); });");

/** A loop that never ends: the worker hears nothing more. */
export const hangAfterLine = (count: number): string => afterLine(count, 'for (;;) {}');

/** The software adapter passes for a GPU, which `auto` then takes. */
export const PASS_FOR_GPU = `for (const [name, value] of Object.entries({ vendor: 'test', architecture: 'test', description: 'Test GPU', isFallbackAdapter: false }))
  Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => value });`;

export const NO_GPU_DEVICE = `GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('refused on purpose'));`;

export const NO_SHADERS = `{ const make = GPUDevice.prototype.createShaderModule;
  GPUDevice.prototype.createShaderModule = function ({ code, ...rest }) { return make.call(this, { ...rest, code: code + 'broken on purpose' }); }; }`;

export const NO_MEMORY = `WebAssembly.Memory.prototype.grow = () => { throw new RangeError('WebAssembly.Memory.grow(): maximum memory size exceeded'); };`;

export interface Written {
  text?: string;
  device?: string;
  why?: string;
  /** Each line as it was told. */
  told: string[];
  /** Lines told when the device was replaced. */
  replacedAfter: number[];
  error?: { code: string; message: string; hint: string };
  /** Of a second poem by the same composer, where one was asked for. */
  again?: string;
}

/** Lines that {@link writeIn} has been told so far; none while its page is on its way. */
export const toldIn = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as { written?: Written }).written?.told.length ?? 0).catch(() => 0);

/** Four lines through the public API in a page of the site. */
export async function writeIn(page: Page, site: FaultSite, options: { device?: 'auto' | 'webgpu' | 'wasm'; again?: boolean } = {}): Promise<Written> {
  await page.goto(site.blank);
  const { device = 'wasm', again = false } = options;
  return page.evaluate(
    async ({ entry, device, again }) => {
      const { createComposer } = (await import(entry)) as typeof import('../src/embed.ts');
      const written: Written = { told: [], replacedAfter: [] };
      Object.assign(globalThis, { written });
      const request = { form: 'couplets', lines: 4, candidates: 1, seed: 4, title: 'Test' } as const;
      const note = (error: unknown) => {
        const { code, message, hint } = error as NonNullable<Written['error']>;
        written.error = { code, message, hint };
      };
      try {
        const composer = await createComposer({ device });
        const onLine = ({ text }: { text: string }) => written.told.push(text);
        const onDevice = () => written.replacedAfter.push(written.told.length);
        const poem = await composer.compose(request, { onLine, onDevice }).catch(note);
        written.text = poem?.text;
        written.device = composer.device.kind;
        written.why = composer.device.why;
        if (again) written.again = (await composer.compose(request)).text;
        await composer.dispose();
      } catch (error) {
        note(error);
      }
      return written;
    },
    { entry: `${site.url}embed/verselet.js`, device, again },
  );
}
