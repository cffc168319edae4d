/** Memory over many poems: it must not grow. */
import { readFileSync } from 'node:fs';
import type { CDPSession, Page, Worker } from 'playwright';
import type { BenchServer } from './server.ts';
import { launch } from './setup.ts';

declare const verselet: typeof import('../../src/embed.ts');

export interface MemoryPoint {
  poem: number;
  /** JavaScript heap of the page after a collection, MB. */
  pageHeap: number;
  /** That of the worker. */
  workerHeap: number;
  /** WebAssembly memory of the worker, MB: weights, KV cache and scratch. */
  wasm: number;
  /** GPU buffers that are not destroyed, and their MB. */
  buffers: number;
  gpu: number;
  /** Resident memory of the tab's process, MB, where the system tells it: the worker's heap and the model included. */
  resident?: number;
}

export interface MemoryOptions {
  device: 'wasm' | 'webgpu';
  /** Default: the page's. */
  model?: string;
  poems: number;
  /** Composed again and again, with other seeds. */
  request: import('../../src/embed.ts').PoemRequest;
}

const EVERY = 10;

/** Composes `poems` poems with one composer. */
export async function measureMemory(server: BenchServer, { device, model, poems, request }: MemoryOptions): Promise<MemoryPoint[]> {
  const browser = await launch(device === 'webgpu');
  try {
    const page = await browser.newPage();
    const started = page.waitForEvent('worker').then(async (worker) => {
      await worker.evaluate(keepAccount);
      return worker;
    });
    await page.goto(`${server.url}bench/page/index.html`);
    const content = `import * as verselet from ${JSON.stringify(`${server.url}embed/verselet.js`)}; globalThis.verselet = verselet;`;
    await page.addScriptTag({ type: 'module', content });
    await page.waitForFunction(() => 'verselet' in globalThis);
    await page.evaluate(async (options) => {
      Object.assign(globalThis, { composer: await verselet.createComposer(options) });
    }, { device, ...(model && { model }) });
    const heaps = await openHeaps(page, await started);
    const system = await browser.newBrowserCDPSession();
    const points: MemoryPoint[] = [];
    for (let poem = 0; poem <= poems; poem += EVERY) {
      if (poem > 0) await page.evaluate(compose, { request, from: poem - EVERY, count: EVERY });
      const point = { poem, ...(await heaps()) };
      const { processInfo } = await system.send('SystemInfo.getProcessInfo');
      const resident = residentOf(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id));
      points.push({ ...point, ...(resident && { resident }) });
    }
    if (points.some(({ wasm, buffers }) => wasm + buffers === 0)) throw new Error('The account of the worker began too late.');
    return points;
  } finally {
    await browser.close();
  }
}

/** Runs in the worker, before the model is there: notes every WebAssembly memory and every GPU buffer. */
function keepAccount(): void {
  const memories: WeakRef<WebAssembly.Memory>[] = [];
  const buffers = new Map<GPUBuffer, number>();
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, [descriptor]: [WebAssembly.MemoryDescriptor]) {
      const memory = new target(descriptor);
      memories.push(new WeakRef(memory));
      return memory;
    },
  });
  if ('GPUDevice' in globalThis) {
    const { createBuffer } = GPUDevice.prototype;
    const { destroy } = GPUBuffer.prototype;
    GPUDevice.prototype.createBuffer = function (descriptor) {
      const buffer = createBuffer.call(this, descriptor);
      buffers.set(buffer, buffer.size);
      return buffer;
    };
    GPUBuffer.prototype.destroy = function () {
      buffers.delete(this);
      return destroy.call(this);
    };
  }
  const sum = (sizes: Iterable<number>): number => [...sizes].reduce((a, b) => a + b, 0) / 1e6;
  const account = () => ({
    wasm: sum(memories.map((memory) => memory.deref()?.buffer.byteLength ?? 0)),
    buffers: buffers.size,
    gpu: sum(buffers.values()),
  });
  Object.assign(globalThis, { account });
}

type Heaps = Pick<MemoryPoint, 'pageHeap' | 'workerHeap' | 'wasm' | 'buffers' | 'gpu'>;

/** A function that collects what nobody holds and measures the rest. */
async function openHeaps(page: Page, worker: Worker): Promise<() => Promise<Heaps>> {
  const session = await page.context().newCDPSession(page);
  const ask = await workerSession(session);
  return async () => {
    await session.send('HeapProfiler.collectGarbage');
    await ask('HeapProfiler.collectGarbage');
    const pageHeap = (await session.send('Runtime.getHeapUsage')).usedSize / 1e6;
    const workerHeap = (await ask('Runtime.getHeapUsage')).usedSize! / 1e6;
    const account = await worker.evaluate(() => (globalThis as unknown as { account(): Omit<Heaps, 'pageHeap' | 'workerHeap'> }).account());
    return { pageHeap, workerHeap, ...account };
  };
}

/** The DevTools protocol of the page's only worker. */
async function workerSession(session: CDPSession): Promise<(method: string) => Promise<{ usedSize?: number }>> {
  const attached = new Promise<string>((resolve) => session.once('Target.attachedToTarget', ({ sessionId }) => resolve(sessionId)));
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await attached;
  let last = 0;
  return async (method) => {
    const id = ++last;
    const answer = new Promise<{ usedSize?: number }>((resolve) => {
      const hear = ({ message }: { message: string }): void => {
        const said = JSON.parse(message) as { id?: number; result: { usedSize?: number } };
        if (said.id !== id) return;
        session.off('Target.receivedMessageFromTarget', hear);
        resolve(said.result);
      };
      session.on('Target.receivedMessageFromTarget', hear);
    });
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    return answer;
  };
}

/** Runs in the page. */
async function compose({ request, from, count }: { request: MemoryOptions['request']; from: number; count: number }): Promise<void> {
  const { composer } = globalThis as unknown as { composer: import('../../src/embed.ts').Composer };
  for (let i = 0; i < count; i++) await composer.compose({ ...request, seed: from + i + 1 });
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
