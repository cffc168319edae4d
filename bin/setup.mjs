// What a fresh machine lacks: the packages, and for the tests a browser. Needs nothing but Node and npm.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { otherRuns } from './browsers.mjs';

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

/** `apt-get install` where this is Debian and we may. Returns whether it succeeded. */
function installFromDebian(...packages) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return run('apt-get', ['update', '-qq']) && run('apt-get', ['install', '-y', '-qq', ...packages], { env });
}

const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

/** A Chromium: $CHROMIUM, the system's, Playwright's own, else installed by Debian's package or Playwright's download. */
export async function findBrowser() {
  const { chromium } = await import('playwright');
  const candidates = () => [process.env.CHROMIUM, ...SYSTEM_BROWSERS, chromium.executablePath()].filter(Boolean);
  const found = () => candidates().find((path) => existsSync(path));
  if (found()) return found();
  installFromDebian('chromium');
  if (!found()) run('npx', ['playwright', 'install', 'chromium']);
  if (!found()) {
    console.error('No Chromium could be installed: install one and name it in the environment variable CHROMIUM.');
    process.exit(1);
  }
  return found();
}

/** The other browsers of the tests, in CI only: nobody gets two browsers on a machine of their own without asking. */
export function installOtherBrowsers() {
  const packages = [...new Set(otherRuns().flatMap(({ lacks }) => lacks))];
  if (!process.env.CI || packages.length === 0 || installFromDebian('--no-install-recommends', ...packages)) return;
  console.error(`${packages.join(', ')} could not be installed; what needs them is left out.`);
}
