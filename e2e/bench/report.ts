/** The report that is printed, as the README's section Speed has it, and the ratios that the JSON file holds. */
import type { GpuCounts, Point } from './page/growth.ts';
import { NAMES } from './contenders.ts';
import type { MemoryPoint } from './endurance.ts';
import { type Race, speedRatio, type Timing } from './speed.ts';
import type { StartUp, Visit } from './start-up.ts';
import { least, median } from './statistics.ts';

export interface Results {
  date: string;
  rounds: number;
  browser: string;
  /** Processors, and what they call themselves. */
  machine: { processors: number; name: string };
  /** Id of the page's default model, which is the embedded one of every table. */
  model: string;
  embedded?: Race;
  small?: Race;
  /** One thread against as many as the page takes. */
  threads?: Race;
  smallThreads?: Race;
  webgpu?: Race;
  firefox?: Race;
  overhead?: Race;
  counts?: GpuCounts;
  startUp?: StartUp;
  growth?: { context: Point[]; batch: Point[] };
  memory?: MemoryPoint[];
  gpuMemory?: MemoryPoint[];
}

const round = (value: number, digits = 1): string => value.toFixed(digits);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

function raceTable({ timings }: Race): string {
  const own = timings.find(({ name }) => name === NAMES.own)!;
  const row = (timing: Timing): string[] => [
    timing.name,
    round(timing.tokensPerSecond),
    round(timing.bestTokensPerSecond),
    timing === own ? '1' : round(speedRatio(timings, NAMES.own, timing.name), 2),
  ];
  return table(['', 'tokens/s, median', 'best round', 'Verselet at batch 1 is … times as fast'], timings.map(row));
}

type Measure = Exclude<keyof Visit, 'peakMegabytes'>;

const medianOf = (visits: readonly Visit[], key: Measure): number => median(visits.map((visit) => visit[key]));

function peakOf(visits: readonly Visit[]): number | undefined {
  const peaks = visits.flatMap(({ peakMegabytes }) => peakMegabytes ?? []);
  return peaks.length > 0 ? median(peaks) : undefined;
}

function startUpTable({ own, transformers }: StartUp): string {
  const seconds = (ms: number): string => `${round(ms / 1000, 2)} s`;
  const rows = (['cold', 'warm'] as const).flatMap((kind) =>
    ([['loadMs', 'model ready'], ['firstLineMs', 'first line'], ['poemMs', 'whole poem']] as const).map(([key, label]) => {
      const [a, b] = [own[kind], transformers[kind]].map((visits) => medianOf(visits, key)) as [number, number];
      return [`${kind === 'cold' ? 'First visit' : 'Return'}: ${label}`, seconds(a), seconds(b), round(a / b, 2)];
    }),
  );
  const [line, many] = [medianOf(own.warm, 'firstLineMs'), medianOf(transformers.warm, 'poemMs')];
  rows.push(['Return: first line; the pipeline generates as many tokens as its candidates have (96)', seconds(line), seconds(many), round(line / many, 2)]);
  const megabytes = (visits: readonly Visit[]): string => `${round(medianOf(visits, 'bytes') / 1e6, 2)} MB`;
  const bytes = ['First visit: on the wire', megabytes(own.cold), megabytes(transformers.cold)];
  rows.push([...bytes, round(medianOf(own.cold, 'bytes') / medianOf(transformers.cold, 'bytes'), 2)]);
  const [a, b] = [peakOf(own.cold), peakOf(transformers.cold)];
  if (a !== undefined && b !== undefined) {
    rows.push(["Peak memory of the tab's process", `${round(a, 0)} MB`, `${round(b, 0)} MB`, round(a / b, 2)]);
  }
  return table(['20 Mbit/s, WASM', 'Verselet', 'transformers.js pipeline', 'ratio'], rows);
}

/** Every ratio that is promised, under its own key. */
export function ratiosOf(results: Results): Record<string, number> {
  const { embedded, small, webgpu, firefox, overhead, startUp, memory, gpuMemory } = results;
  const ratios: Record<string, number> = {};
  const ours = (race: Race, ...others: string[]): number => Math.min(...others.map((other) => speedRatio(race.timings, NAMES.own, other)));
  for (const [key, race] of [['embedded', embedded], ['small', small]] as const) {
    if (!race) continue;
    ratios[`${key}_ratio_to_transformers_default`] = ours(race, NAMES.q8);
    ratios[`${key}_ratio_to_transformers_best`] = ours(race, NAMES.q8, NAMES.fp32);
    ratios[`${key}_ratio_to_wllama_best`] = ours(race, NAMES.llamaF32, NAMES.llamaQ8);
    ratios[`${key}_ratio_to_onnxruntime_best`] = ours(race, NAMES.bareQ8, NAMES.bareFp32);
    ratios[`${key}_ratio_batch8_to_batch1`] = speedRatio(race.timings, NAMES.own8, NAMES.own);
  }
  for (const [key, race] of [['embedded', results.threads], ['small', results.smallThreads]] as const) {
    if (!race) continue;
    ratios[`${key}_ratio_threads_batch1`] = speedRatio(race.timings, NAMES.ownThreads, NAMES.own);
    ratios[`${key}_ratio_threads_batch8`] = speedRatio(race.timings, NAMES.own8Threads, NAMES.own8);
    ratios[`${key}_ratio_threads_batch8_to_batch1`] = speedRatio(race.timings, NAMES.own8Threads, NAMES.ownThreads);
  }
  if (webgpu) {
    ratios['webgpu_ratio_to_transformers_default'] = ours(webgpu, NAMES.fp32);
    ratios['webgpu_ratio_to_transformers_best'] = ours(webgpu, NAMES.fp32, NAMES.q4);
    ratios['webgpu_ratio_batch8_to_batch1'] = speedRatio(webgpu.timings, NAMES.own8, NAMES.own);
  }
  if (firefox) {
    const peers = [NAMES.fp32, NAMES.q4, NAMES.fp16, NAMES.q4f16].filter((name) => firefox.timings.some((timing) => timing.name === name));
    ratios['firefox_ratio_to_transformers_default'] = ours(firefox, NAMES.fp32);
    ratios['firefox_ratio_to_transformers_best'] = ours(firefox, ...peers);
    ratios['firefox_ratio_batch8_to_batch1'] = speedRatio(firefox.timings, NAMES.own8, NAMES.own);
  }
  if (overhead) {
    const over = (name: string, bare: string): number => 1 / speedRatio(overhead.timings, name, bare) - 1;
    const best = (name: string): number => least(overhead.timings.find((timing) => timing.name === name)!.msPerToken);
    ratios['overhead_greedy'] = over(NAMES.own, NAMES.ownBare);
    ratios['overhead_sampled'] = over(NAMES.sampled, NAMES.sampledBare);
    ratios['overhead_greedy_of_minima'] = best(NAMES.own) / best(NAMES.ownBare) - 1;
    ratios['overhead_sampled_of_minima'] = best(NAMES.sampled) / best(NAMES.sampledBare) - 1;
  }
  if (startUp) {
    const { own, transformers } = startUp;
    ratios['first_line_ratio_warm'] = medianOf(own.warm, 'firstLineMs') / medianOf(transformers.warm, 'firstLineMs');
    // With its candidates Verselet decodes about a hundred tokens for its first line: what the pipeline's poem has.
    ratios['first_line_ratio_warm_as_many_tokens'] = medianOf(own.warm, 'firstLineMs') / medianOf(transformers.warm, 'poemMs');
    ratios['first_line_ratio_cold'] = medianOf(own.cold, 'firstLineMs') / medianOf(transformers.cold, 'firstLineMs');
    ratios['first_line_ratio_warm_to_cold'] = medianOf(own.warm, 'firstLineMs') / medianOf(own.cold, 'firstLineMs');
    ratios['wire_ratio_to_transformers'] = medianOf(own.cold, 'bytes') / medianOf(transformers.cold, 'bytes');
  }
  if (memory && memory.length > 3) {
    const size = ({ pageHeap, resident }: MemoryPoint): number => resident ?? pageHeap;
    // The first poems load the tables.
    ratios['memory_ratio_last_to_early'] = size(memory.at(-1)!) / size(memory[Math.floor(memory.length / 4)]!);
    ratios['heap_ratio_last_to_early'] = memory.at(-1)!.workerHeap / memory[Math.floor(memory.length / 4)]!.workerHeap;
  }
  if (gpuMemory && gpuMemory.length > 1) ratios['gpu_buffers_ratio_last_to_first'] = gpuMemory.at(-1)!.gpu / gpuMemory[1]!.gpu;
  return ratios;
}

function growthTable(points: readonly Point[], name: string): string {
  return table([name, ...points.map(({ at }) => String(at))], [['tokens/s', ...points.map(({ tokensPerSecond }) => round(tokensPerSecond, 0))]]);
}

function overheadSentence(ratios: Record<string, number>): string {
  const share = (key: string): string => `${round(100 * ratios[key]!)} %`;
  return (
    `Our decode loop (sampler, constraints, cache) costs ${share('overhead_greedy')} over its own backend when greedy, and ` +
    `${share('overhead_sampled')} with top-k 50 and top-p 0.95 (${share('overhead_greedy_of_minima')} and ` +
    `${share('overhead_sampled_of_minima')} between the best rounds).`
  );
}

function countsSentence({ dispatchesPerToken, dispatchesAllowed, bytesReadPerToken, buffersCreatedPerStep }: GpuCounts): string {
  return (
    `Our WebGPU decoder, counted: ${dispatchesPerToken} dispatches a token (goal: at most ${dispatchesAllowed}), ` +
    `${bytesReadPerToken} bytes read back a token of a line (goal: at most 1000), ${buffersCreatedPerStep} buffers created a step after warm-up.`
  );
}

/** From the point after the first poems, which fill the caches, to the last. */
function memorySentence(points: readonly MemoryPoint[], device: string): string {
  const [first, last] = [points[1] ?? points[0]!, points.at(-1)!];
  const change = (label: string, of: (point: MemoryPoint) => number, unit = 'MB', digits = 1): string =>
    `${label} ${round(of(first), digits)} to ${round(of(last), digits)} ${unit}`;
  const parts = [
    ...(last.resident === undefined ? [] : [change('resident memory of the tab', ({ resident }) => resident ?? 0, 'MB', 0)]),
    change("the page's heap", ({ pageHeap }) => pageHeap),
    change("the worker's heap", ({ workerHeap }) => workerHeap),
    change('WebAssembly memory', ({ wasm }) => wasm),
    ...(last.buffers === 0 ? [] : [change('GPU buffers', ({ buffers }) => buffers, 'of them', 0), change('in all', ({ gpu }) => gpu)]),
  ];
  return `Memory on ${device}, after ${first.poem} poems and after ${last.poem}: ${parts.join(', ')}.`;
}

/** The whole report as Markdown. */
export function report(results: Results): string {
  const { embedded, small, webgpu, firefox, counts, startUp, growth, overhead, memory, gpuMemory, machine } = results;
  const ratios = ratiosOf(results);
  const parts = [
    `Measured ${results.date} with ${results.browser} on ${machine.processors} processors (${machine.name}), one thread a ` +
      `contender, medians of ${results.rounds} interleaved rounds. The embedded model is ${results.model}.`,
  ];
  if (embedded) parts.push('**WASM, the embedded model**', raceTable(embedded));
  if (small) parts.push("**WASM, GPT-2 small's shape (124 M random weights)**", raceTable(small));
  const several = `on an isolated page: one thread, and ${Math.min(4, machine.processors)}`;
  if (results.threads) parts.push(`**WASM, the embedded model, ${several}**`, raceTable(results.threads));
  if (results.smallThreads) parts.push(`**WASM, GPT-2 small's shape, ${several}**`, raceTable(results.smallThreads));
  if (webgpu) parts.push("**WebGPU on Chromium's software adapter, the embedded model**", raceTable(webgpu));
  if (firefox) parts.push('**WebGPU in Firefox on a software adapter, the embedded model**', raceTable(firefox));
  if (counts) parts.push(countsSentence(counts));
  if (startUp) {
    parts.push(
      '**From navigation to poem.** The peer generates the tokens of one line, or of eight, and no candidates; Verselet ' +
        'writes the poem as its readers get it, with several candidates for each line.',
      startUpTable(startUp),
    );
  }
  if (overhead) parts.push(overheadSentence(ratios));
  if (growth) parts.push('**As work grows** (WASM)', growthTable(growth.context, 'context'), growthTable(growth.batch, 'batch'));
  if (memory) parts.push(memorySentence(memory, 'WASM'));
  if (gpuMemory) parts.push(memorySentence(gpuMemory, 'WebGPU'));
  const list = Object.entries(ratios).map(([key, value]) => [key, round(value, 3)]);
  parts.push('**Ratios**', table(['', 'value'], list));
  return `${parts.join('\n\n')}\n`;
}
