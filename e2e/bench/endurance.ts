/** Memory over many poems: it must not grow. */
import { readFileSync } from 'node:fs';
import type { BenchServer } from './server.ts';
import { launch } from './setup.ts';

declare const verselet: typeof import('../../src/embed.ts');

export interface MemoryPoint {
  poem: number;
  /** JavaScript heap of the page after a collection, MB. */
  pageHeap: number;
  /** Resident memory of the tab's process, MB, where the system tells it: the worker's heap and the model included. */
  resident?: number;
}

const EVERY = 10;

/** Composes `poems` poems with one composer. */
export async function measureMemory(server: BenchServer, poems: number): Promise<MemoryPoint[]> {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}bench/page/index.html`);
    const content = `import * as verselet from ${JSON.stringify(`${server.url}embed/verselet.js`)}; globalThis.verselet = verselet;`;
    await page.addScriptTag({ type: 'module', content });
    await page.waitForFunction(() => 'verselet' in globalThis);
    await page.evaluate(async () => {
      Object.assign(globalThis, { composer: await verselet.createComposer({ device: 'wasm' }) });
    });
    const system = await browser.newBrowserCDPSession();
    const session = await page.context().newCDPSession(page);
    const points: MemoryPoint[] = [];
    for (let poem = 0; poem <= poems; poem += EVERY) {
      if (poem > 0) await page.evaluate(compose, { from: poem - EVERY, count: EVERY });
      await session.send('HeapProfiler.collectGarbage');
      const pageHeap = await session.send('Runtime.getHeapUsage');
      const { processInfo } = await system.send('SystemInfo.getProcessInfo');
      const resident = residentOf(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id));
      points.push({ poem, pageHeap: pageHeap.usedSize / 1e6, ...(resident && { resident }) });
    }
    return points;
  } finally {
    await browser.close();
  }
}

/** Runs in the page. */
async function compose({ from, count }: { from: number; count: number }): Promise<void> {
  const { composer } = globalThis as unknown as { composer: import('../../src/embed.ts').Composer };
  for (let i = 0; i < count; i++) {
    await composer.compose({ form: 'couplets', lines: 2, seed: from + i + 1, candidates: 4 });
  }
}

function residentOf(processes: readonly number[]): number | undefined {
  const sizes = processes.map((id) => {
    try {
      return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) / 1000;
    } catch {
      return Number.NaN;
    }
  });
  const known = sizes.filter(Number.isFinite);
  return known.length > 0 ? Math.max(...known) : undefined;
}
