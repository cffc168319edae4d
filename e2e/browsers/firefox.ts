/** Firefox through WebDriver BiDi. */

import { type Browser, launch } from 'puppeteer-core';
import type { Visit } from './visit.ts';

/** WebGPU is off in Firefox on Linux, and a software adapter needs the blocklist ignored. */
const WEBGPU = { 'dom.webgpu.enabled': true, 'dom.webgpu.workers.enabled': true, 'gfx.webgpu.ignore-blocklist': true };

export function launchFirefox(executablePath: string): Promise<Browser> {
  return launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox: WEBGPU });
}

export async function visitFirefox(browser: Browser): Promise<Visit> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return {
    goto: async (url) => void (await page.goto(url)),
    call: (work, ...args) => page.evaluate(work as never, ...args) as Promise<never>,
    screenshot: async (path) => void (await page.screenshot({ path: path as `${string}.png` })),
    errors: () => errors,
    close: () => page.close(),
  };
}
