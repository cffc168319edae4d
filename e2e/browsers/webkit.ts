/** WebKitGTK's own small browser on a display of its own, through its WebDriver: JSON over HTTP. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import type { Readable } from 'node:stream';
import type { Visit } from './visit.ts';

export interface WebKitPaths {
  /** Where WebKitWebDriver, MiniBrowser and Xvfb are. */
  driver: string;
  browser: string;
  display: string;
}

/** Scripts may wait for a whole poem, ms. */
const SCRIPT_TIMEOUT = 120_000;
/** For the display and for the driver, on a busy machine, ms. */
const START_TIMEOUT = 20_000;
/** A browser that does not end in this time is ended with its display, ms. */
const END_TIMEOUT = 5_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A display that nobody uses; its name, e.g. ':99'. */
async function startDisplay(command: string): Promise<{ process: ChildProcess; name: string }> {
  const process = spawn(command, ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [number] = (await once(process.stdio[3] as Readable, 'data', { signal: AbortSignal.timeout(START_TIMEOUT) })) as [Buffer];
  return { process, name: `:${number.toString().trim()}` };
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  process.kill();
  await once(process, 'exit');
}

/** One command of the protocol. @throws Error with the driver's own words. */
async function command<T>(url: string, body?: object, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, { method: body ? 'POST' : 'GET', ...(body && { body: JSON.stringify(body) }), ...init });
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

async function ready(url: string, driver: ChildProcess): Promise<void> {
  const latest = Date.now() + START_TIMEOUT;
  while (driver.exitCode === null && Date.now() < latest) {
    const status = await command<{ ready: boolean }>(`${url}/status`).catch(() => undefined);
    if (status?.ready) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('WebKitWebDriver did not start.');
}

/** Starts display, driver and browser; `close` ends all three. */
export async function visitWebKit({ driver: driverPath, browser, display: displayPath }: WebKitPaths): Promise<Visit> {
  const display = await startDisplay(displayPath);
  const port = await freePort();
  const driver = spawn(driverPath, [`--port=${port}`], { env: { ...process.env, DISPLAY: display.name }, stdio: ['ignore', 'pipe', 'inherit'] });
  const errors: string[] = [];
  driver.stdout.on('data', (text: Buffer) => errors.push(...text.toString().split('\n').filter((line) => /^CONSOLE (\w+ )?ERROR/.test(line))));
  // The browser ends with its display, whatever has become of it.
  const stop = (): Promise<unknown> => Promise.all([end(driver), end(display.process)]);
  const url = `http://127.0.0.1:${port}`;
  try {
    await ready(url, driver);
    const options = { binary: browser, args: ['--automation', '--enable-write-console-messages-to-stdout=true'] };
    const alwaysMatch = { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options, timeouts: { script: SCRIPT_TIMEOUT } };
    const { sessionId } = await command<{ sessionId: string }>(`${url}/session`, { capabilities: { alwaysMatch } });
    const session = `${url}/session/${sessionId}`;
    return {
      goto: async (address) => void (await command(`${session}/url`, { url: address })),
      call: (work, ...args) => callIn(session, work as (...args: unknown[]) => unknown, args),
      screenshot: async (path) => writeFile(path, Buffer.from(await command<string>(`${session}/screenshot`), 'base64')),
      errors: () => errors,
      async close() {
        const init = { method: 'DELETE', signal: AbortSignal.timeout(END_TIMEOUT) };
        await command(session, undefined, init).finally(stop);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The page's answer, or its exception as ours. */
async function callIn<R>(session: string, work: (...args: unknown[]) => unknown, args: unknown[]): Promise<R> {
  const script = `const done = arguments[arguments.length - 1];
    Promise.resolve().then(() => (${work})(...[...arguments].slice(0, -1)))
      .then((value) => done({ value }), (error) => done({ error: String(error) }));`;
  const { value, error } = await command<{ value: R; error?: string }>(`${session}/execute/async`, { script, args });
  if (error !== undefined) throw new Error(error);
  return value;
}
