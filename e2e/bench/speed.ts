/** Tokens a second of every contender with one model on one device, in interleaved rounds. */
import type { Page } from 'playwright';
import type { Driver, Spec } from './page/main.ts';
import { launch } from './setup.ts';
import { least, median, pairedRatio } from './statistics.ts';

declare const bench: Driver;

export interface Entry {
  name: string;
  spec: Spec;
  /** Also times the runtime without the contender's loop, under this name. */
  bare?: string;
}

export interface Timing {
  name: string;
  batch: number;
  /** One number a round. */
  msPerToken: number[];
  tokensPerSecond: number;
  bestTokensPerSecond: number;
  loadMs?: number;
  memoryMegabytes?: number;
}

export interface Race {
  timings: Timing[];
  /** Ids that contenders said after one prompt, to see that they compute the same. */
  tokens: Record<string, number[]>;
}

export interface RaceOptions {
  page: string;
  gpu?: boolean;
  /** Default: a page in Chromium. */
  open?(url: string, gpu?: boolean): Promise<{ page: RacePage; close(): Promise<void> }>;
  rounds: number;
  /** Tokens a row in each round. */
  count: number;
}

/** What a race needs of a page, whatever drives it. */
export interface RacePage {
  evaluate<A, R>(work: (given: A) => R, given: A): Promise<Awaited<R>>;
}

/** @param isolated a page that may share memory between threads. */
export async function openPage(url: string, gpu = false, isolated = false): Promise<{ page: Page; close(): Promise<void> }> {
  const browser = await launch(gpu);
  const page = await browser.newPage();
  await page.goto(`${url}bench/page/${isolated ? 'isolated' : 'index'}.html`);
  await page.addScriptTag({ type: 'module', url: `${url}bench/page/main.js` });
  return { page, close: () => browser.close() };
}

interface Sample {
  ms: number;
  tokens: number;
}

/** Runs `entries` in turn, `rounds` times after a round to warm up, each round starting with another one. */
export async function race(entries: readonly Entry[], { page: url, gpu, open = openPage, rounds, count }: RaceOptions): Promise<Race> {
  const { page, close } = await open(url, gpu);
  const loads = new Map<string, number>();
  const samples = new Map<string, Sample[]>();
  try {
    for (const { name, spec } of entries) {
      loads.set(name, await page.evaluate(([name, spec]) => bench.open(name, spec), [name, spec] as const));
    }
    for (let round = -1; round < rounds; round++) {
      const first = (round + entries.length) % entries.length;
      for (const entry of [...entries.slice(first), ...entries.slice(0, first)]) {
        await turn(page, entry, { round, count, samples });
      }
    }
    const tokens: Record<string, number[]> = {};
    const timings: Timing[] = [];
    for (const entry of entries) {
      tokens[entry.name] = (await page.evaluate((name) => bench.tokens(name), entry.name)).slice(0, 16);
      const bytes = await page.evaluate((name) => bench.memoryBytes(name), entry.name);
      const extra = { loadMs: loads.get(entry.name)!, ...(bytes > 0 && { memoryMegabytes: bytes / 1e6 }) };
      timings.push(timing(entry, entry.name, samples.get(entry.name)!, extra));
      if (entry.bare) timings.push(timing(entry, entry.bare, samples.get(entry.bare)!, {}));
    }
    return { timings, tokens };
  } finally {
    await close();
  }
}

interface Turn {
  round: number;
  count: number;
  samples: Map<string, Sample[]>;
}

async function turn(page: RacePage, { name, bare }: Entry, { round, count, samples }: Turn): Promise<void> {
  const keep = (key: string, sample: Sample): void => {
    // The first round warms up.
    if (round >= 0) samples.set(key, [...(samples.get(key) ?? []), sample]);
  };
  keep(name, await page.evaluate(([name, round, count]) => bench.run(name, round, count), [name, round + 1, count] as const));
  if (!bare) return;
  keep(bare, await page.evaluate(([name, round, count]) => bench.bare(name, round, count), [name, round + 1, count] as const));
}

function timing(entry: Entry, name: string, samples: readonly Sample[], extra: Partial<Timing>): Timing {
  const msPerToken = samples.map(({ ms, tokens }) => ms / tokens);
  const batch = entry.spec.program === 'own' ? entry.spec.options.batch : 1;
  return { name, batch, msPerToken, tokensPerSecond: 1000 / median(msPerToken), bestTokensPerSecond: 1000 / least(msPerToken), ...extra };
}

/** How many times as fast as `other` the contender `name` is, by the median of the rounds' ratios. */
export function speedRatio(timings: readonly Timing[], name: string, other: string): number {
  const of = (wanted: string): number[] => timings.find((timing) => timing.name === wanted)!.msPerToken;
  return pairedRatio(of(other), of(name));
}
