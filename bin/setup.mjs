// What a fresh machine lacks: the packages, and for the tests a browser. Needs nothing but Node and npm.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command in the project's root, its output shown. Returns whether it succeeded. */
export function run(command, args, options = {}) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32', ...options });
  return status === 0;
}

/** Installs the packages of the lockfile unless exactly these are installed. */
export function installPackages() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const have = existsSync(installed) ? JSON.parse(readFileSync(installed, 'utf8')).packages : {};
  const missing = Object.entries(wanted).some(([path, { version, optional, link }]) => path && !optional && !link && have[path]?.version !== version);
  if (missing && !run('npm', ['ci'])) process.exit(1);
}

const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

/** A Chromium: $CHROMIUM, the system's, Playwright's own, else installed by Debian's package or Playwright's download. */
export async function findBrowser() {
  const { chromium } = await import('playwright');
  const candidates = () => [process.env.CHROMIUM, ...SYSTEM_BROWSERS, chromium.executablePath()].filter(Boolean);
  const found = () => candidates().find((path) => existsSync(path));
  if (found()) return found();
  const root = process.getuid?.() === 0;
  if (root && existsSync('/usr/bin/apt-get')) {
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', 'chromium'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  }
  if (!found()) run('npx', ['playwright', 'install', 'chromium']);
  if (!found()) {
    console.error('No Chromium could be installed: install one and name it in the environment variable CHROMIUM.');
    process.exit(1);
  }
  return found();
}
