/** From navigation to the first line: Verselet and a transformers.js pipeline, first visit and return, 20 Mbit/s. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright';
import type { PipelineTimes } from './page/pipeline.ts';
import type { BenchServer } from './server.ts';
import { launch } from './setup.ts';

declare const runPipeline: (models: string, runtime: string, line: number, poem: number) => Promise<PipelineTimes>;
declare const opening: Promise<typeof import('../../src/embed.ts')>;

export interface Visit {
  loadMs: number;
  firstLineMs: number;
  poemMs: number;
  /** Bytes of all bodies on the wire, gzip where a host would. */
  bytes: number;
  /** The tab's largest resident memory, where the system tells it. */
  peakMegabytes?: number;
}

export interface Visits {
  cold: Visit[];
  warm: Visit[];
}

export interface StartUp {
  own: Visits;
  transformers: Visits;
  /** Tokens that the pipeline generates for a line and for a poem: those of the text alone, no candidates. */
  tokens: { line: number; poem: number };
}

const BYTES_PER_SECOND = 20e6 / 8;
const REQUEST = { form: 'quatrains', emotion: 'joy', theme: 'the sea', lines: 8, title: 'The Sea' } as const;
/** A line of verse is about this many tokens of the embedded model, and a line's candidates are about as many as a poem. */
const TOKENS = { line: 12, poem: 96 };

type Write = (page: Page, server: BenchServer, seed: number) => Promise<Omit<Visit, 'bytes' | 'peakMegabytes'>>;

/** A page that imports the public script and composes a poem. */
async function writeWithVerselet(page: Page, server: BenchServer, seed: number): ReturnType<Write> {
  const start = Date.now();
  await page.goto(`${server.url}bench/page/index.html`);
  await page.addScriptTag({ content: `globalThis.opening = import(${JSON.stringify(`${server.url}embed/verselet.js`)});` });
  const times = await page.evaluate(
    async (request) => {
      const verselet = await opening;
      const composer = await verselet.createComposer({ device: 'wasm' });
      const loaded = Date.now();
      let first = 0;
      await composer.compose(request, { onLine: () => (first ||= Date.now()) });
      return { loaded, first, end: Date.now() };
    },
    { ...REQUEST, seed },
  );
  return { loadMs: times.loaded - start, firstLineMs: times.first - start, poemMs: times.end - start };
}

async function writeWithTransformers(page: Page, server: BenchServer): ReturnType<Write> {
  const start = Date.now();
  await page.goto(`${server.url}bench/page/index.html`);
  await page.addScriptTag({ type: 'module', url: `${server.url}bench/page/pipeline.js` });
  const begin = Date.now() - start;
  const addresses = [`${server.url}bench/models/`, `${server.url}bench/runtime/`] as const;
  const times = await page.evaluate(
    ([models, runtime, line, poem]) => runPipeline(models, runtime, line, poem),
    [...addresses, TOKENS.line, TOKENS.poem] as const,
  );
  return { loadMs: begin + times.loadMs, firstLineMs: begin + times.firstLineMs, poemMs: begin + times.poemMs };
}

/** The largest resident memory of the browser's tabs so far, in MB; undefined where the system does not tell it. */
async function peakMegabytes(browser: Browser): Promise<number | undefined> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const peaks = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => {
    try {
      return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) / 1000;
    } catch {
      return Number.NaN;
    }
  });
  const known = peaks.filter(Number.isFinite);
  return known.length > 0 ? Math.max(...known) : undefined;
}

async function visits(write: Write, server: BenchServer, seed: number, into: Visits): Promise<void> {
  const browser = await launch();
  try {
    const context = await browser.newContext();
    for (const kind of ['cold', 'warm'] as const) {
      const page = await context.newPage();
      const before = server.sent();
      const times = await write(page, server, seed);
      const peak = kind === 'cold' ? await peakMegabytes(browser) : undefined;
      into[kind].push({ ...times, bytes: server.sent() - before, ...(peak !== undefined && { peakMegabytes: peak }) });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

export async function measureStartUp(server: BenchServer, rounds: number): Promise<StartUp> {
  const own: Visits = { cold: [], warm: [] };
  const transformers: Visits = { cold: [], warm: [] };
  server.limit(BYTES_PER_SECOND);
  try {
    for (let round = 0; round < rounds; round++) {
      await visits(writeWithVerselet, server, round + 1, own);
      await visits(writeWithTransformers, server, round + 1, transformers);
    }
  } finally {
    server.limit(Infinity);
  }
  return { own, transformers, tokens: TOKENS };
}
