/** The same race in Firefox: on Linux its WebGPU runs on Mesa's software driver, which has half precision. */

import { firefox, leftOut } from '../../bin/browsers.mjs';
import { launchFirefox } from '../browsers/firefox.ts';
import { type Addresses, webgpuEntries } from './contenders.ts';
import { type Race, type RaceOptions, type RacePage, race } from './speed.ts';

async function openFirefox(url: string): Promise<{ page: RacePage; close(): Promise<void> }> {
  const browser = await launchFirefox(firefox()!);
  const page = await browser.newPage();
  await page.goto(`${url}bench/page/index.html`);
  await page.addScriptTag({ type: 'module', url: `${url}bench/page/main.js` });
  await page.waitForFunction(() => 'bench' in globalThis);
  return { page: { evaluate: (work, given) => page.evaluate(work as never, given) as never }, close: () => browser.close() };
}

async function hasHalfPrecision(url: string): Promise<boolean> {
  const { page, close } = await openFirefox(url);
  try {
    return await page.evaluate(async () => (await navigator.gpu.requestAdapter())?.features.has('shader-f16') === true, undefined);
  } finally {
    await close();
  }
}

/** @throws Error where Firefox or its Vulkan driver is missing. */
export async function raceInFirefox(addresses: Addresses, options: RaceOptions): Promise<Race> {
  const missing = leftOut('Firefox on WebGPU');
  if (missing) throw new Error(missing);
  return race(webgpuEntries(addresses, await hasHalfPrecision(options.page)), { ...options, open: openFirefox });
}
