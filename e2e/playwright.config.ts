import { existsSync } from 'node:fs';
import { defineConfig } from 'playwright/test';

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.CHROMIUM ?? SYSTEM.find((path) => existsSync(path));

const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium's software adapter: real WebGPU, slow, no f16. */
export const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

const launch = (args: string[] = []) => ({ launchOptions: { executablePath, args: [...QUIET, ...args] } });

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env.CI),
  // A shared machine may stall for seconds; a test that fails twice has failed.
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  projects: [
    { name: 'wasm', testMatch: /\.spec\.ts$/, testIgnore: /webgpu|screenshots/, use: launch() },
    { name: 'webgpu', testMatch: /webgpu.*\.spec\.ts/, use: launch(SOFTWARE_GPU), timeout: 240_000 },
    { name: 'screenshots', testMatch: /screenshots\.spec\.ts/, use: launch() },
  ],
});
