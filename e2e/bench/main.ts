/**
 * The benchmark: npm run bench -- [--rounds N] [--json FILE] [--small] [--only PARTS] [--quick]
 * PARTS are names with commas between them: embedded, threads, overhead, webgpu, start, growth, memory, gpu-memory, small, firefox.
 * The table goes to standard output; pictures and numbers also to .cache/bench/results/.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { addressesOf, overheadEntries, threadEntries, wasmEntries, webgpuEntries } from './contenders.ts';
import { measureMemory, type MemoryPoint } from './endurance.ts';
import { raceInFirefox } from './firefox.ts';
import type { Driver } from './page/main.ts';
import { picture, type Plot } from './plot.ts';
import { ratiosOf, report, type Results } from './report.ts';
import { type BenchServer, startServer } from './server.ts';
import { CACHE, launch, setUp } from './setup.ts';
import { openPage, race } from './speed.ts';
import { measureStartUp } from './start-up.ts';

declare const bench: Driver;

const PARTS = ['embedded', 'threads', 'overhead', 'webgpu', 'start', 'growth', 'memory', 'gpu-memory'] as const;
type Part = (typeof PARTS)[number] | 'small' | 'firefox';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    poems: { type: 'string', default: '200' },
    json: { type: 'string' },
    small: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const poems = Number(values.poems);
const parts: readonly Part[] = values.only ? (values.only.split(',') as Part[]) : [...PARTS, ...(values.small ? (['small'] as const) : [])];

/** What is written again and again where memory is measured; a software GPU takes long for a line. */
const COUPLET = { form: 'couplets', lines: 2, candidates: 4 } as const;
const LINE = { form: 'free', lines: 1, candidates: 1, title: 'One' } as const;

const CONTEXTS = [64, 128, 256, 512, 768, 1024];
const BATCHES = [1, 2, 4, 8, 12, 16];

/** Each part alone; a part that fails is named and the others go on. */
function makers(server: BenchServer): Record<Part, () => Promise<Partial<Results>>> {
  const addresses = addressesOf(server.url);
  const page = server.url;
  return {
    embedded: async () => ({ embedded: await race(wasmEntries(addresses, 'embedded', 384), { page, rounds, count: 96 }) }),
    threads: () => raceThreads(server),
    // Short runs, many of them: the difference is a few per cent.
    overhead: async () => ({ overhead: await race(overheadEntries(addresses), { page, rounds: 8 * rounds, count: 128 }) }),
    webgpu: async () => ({ webgpu: await race(webgpuEntries(addresses), { page, gpu: true, rounds, count: 4 }), ...(await gpuCounts(server)) }),
    firefox: async () => ({ firefox: await raceInFirefox(addresses, { page, rounds, count: 4 }) }),
    start: async () => ({ startUp: await measureStartUp(server, rounds) }),
    growth: async () => ({ growth: await measureGrowth(server) }),
    memory: async () => ({ memory: await measureMemory(server, { device: 'wasm', poems, request: COUPLET }) }),
    'gpu-memory': async () => ({ gpuMemory: await measureMemory(server, { device: 'webgpu', model: 'verse-nano', poems, request: LINE }) }),
    small: async () => ({ small: await race(wasmEntries(addresses, 'small', 256), { page, rounds, count: 16 }) }),
  };
}

/** One thread against as many as the page takes; GPT-2 small's shape too where it is there. */
async function raceThreads({ url }: BenchServer): Promise<Pick<Results, 'threads' | 'smallThreads'>> {
  const threads = Math.min(4, cpus().length);
  const open = (address: string) => openPage(address, false, true);
  const run = (model: string, count: number) => race(threadEntries(addressesOf(url), model, threads), { page: url, open, rounds, count });
  return { threads: await run('embedded', 96), ...(values.small && { smallThreads: await run('small', 16) }) };
}

async function measureGrowth(server: BenchServer): Promise<NonNullable<Results['growth']>> {
  const { page, close } = await openPage(server.url);
  try {
    const place = { models: addressesOf(server.url).models, model: 'long', device: 'wasm' } as const;
    const context = await page.evaluate(([place, at]) => bench.contextCost(place, at), [place, CONTEXTS] as const);
    const batch = await page.evaluate(([place, at]) => bench.batchCost(place, at), [place, BATCHES] as const);
    return { context, batch };
  } finally {
    await close();
  }
}

async function gpuCounts(server: BenchServer): Promise<Pick<Results, 'counts'>> {
  const { page, close } = await openPage(server.url, true);
  try {
    const place = { models: addressesOf(server.url).models, model: 'embedded', device: 'webgpu' } as const;
    return { counts: await page.evaluate((place) => bench.gpuCounts(place), place) };
  } finally {
    await close();
  }
}

function writePictures({ growth, memory, gpuMemory }: Results): void {
  const folder = join(CACHE, 'results');
  if (growth) {
    const points = (list: typeof growth.context) => list.map(({ at, tokensPerSecond }) => [at, tokensPerSecond] as const);
    const plots = [
      { title: 'Context', x: 'positions in the cache', y: 'tokens/s, batch 1', log: true, series: [{ label: '', points: points(growth.context) }] },
      { title: 'Batch', x: 'rows decoded at once', y: 'tokens/s, all rows', series: [{ label: '', points: points(growth.batch) }] },
    ];
    writeFileSync(join(folder, 'growth.svg'), picture(plots));
  }
  if (memory) writeFileSync(join(folder, 'memory.svg'), picture(memoryPlots(memory, gpuMemory)));
}

function memoryPlots(memory: readonly MemoryPoint[], gpuMemory: readonly MemoryPoint[] | undefined): Plot[] {
  const line = (label: string, of: (point: MemoryPoint) => number, points = memory) => ({ label, points: points.map((point) => [point.poem, of(point)] as const) });
  const x = 'poems written';
  const plots: Plot[] = [
    { title: 'JavaScript heaps and WebAssembly memory', x, y: 'MB', series: [line('page', (p) => p.pageHeap), line('worker', (p) => p.workerHeap), line('WebAssembly', (p) => p.wasm)] },
    { title: 'Whole tab, worker and model included', x, y: 'MB resident', series: [line('', (p) => p.resident ?? 0)] },
  ];
  if (gpuMemory) plots.push({ title: 'GPU buffers, verse-nano on WebGPU', x, y: 'MB not destroyed', series: [line('', (p) => p.gpu, gpuMemory)] });
  return plots;
}

async function browserName(): Promise<string> {
  const browser = await launch();
  const version = browser.version();
  await browser.close();
  return `Chromium ${version.split('.')[0]}`;
}

/** After each part: a run that is cut short has told something. */
function keep(): void {
  writePictures(results);
  const json = JSON.stringify({ ...results, ...ratiosOf(results) }, null, 1);
  writeFileSync(join(CACHE, 'results', 'bench.json'), json);
  if (values.json) writeFileSync(values.json, json);
}

await setUp({ small: values.small || parts.includes('small') });
const server = await startServer({ '/': 'dist', '/bench/': CACHE });
mkdirSync(join(CACHE, 'results'), { recursive: true });
const results: Results = {
  date: new Date().toISOString().slice(0, 10),
  rounds,
  browser: await browserName(),
  machine: { processors: cpus().length, name: cpus()[0]?.model.trim() ?? 'unknown' },
  model: (JSON.parse(readFileSync('public/models/index.json', 'utf8')) as { default: string }).default,
};
const failed: string[] = [];
const made = makers(server);
for (const part of parts) {
  const start = Date.now();
  try {
    Object.assign(results, await made[part]());
    keep();
  } catch (error) {
    failed.push(part);
    console.error(`${part} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  console.error(`${part}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
}
server.close();
console.log(report(results));
process.exitCode = failed.length > 0 ? 1 : 0;
