// The browsers besides Chromium in which the page is tried: where they are on this machine, and which Debian packages bring them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const first = (paths) => paths.find((path) => path && existsSync(path));

/** Path of Firefox; undefined where it is not installed. */
export const firefox = () => first([process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox']);

/** Folders of Vulkan drivers: Firefox has WebGPU on Linux only with one, Mesa's software driver included. */
const vulkan = () => first(['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d']);

const LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib', '/usr/libexec'];
const WEBKITS = LIBRARIES.flatMap((folder) => ['webkit2gtk-4.1', 'webkitgtk-6.0'].map((version) => join(folder, version, 'MiniBrowser')));

/** Paths of WebKitGTK's driver, its browser and a display; undefined where one is missing. */
export function webkit() {
  const [driver, browser, display] = [['/usr/bin/WebKitWebDriver'], WEBKITS, ['/usr/bin/Xvfb']].map(first);
  return driver && browser && display ? { driver, browser, display } : undefined;
}

/** The runs that `npm test` makes where it can, each with the packages that it lacks here. */
export function otherRuns() {
  const lacking = (found, ...packages) => (found ? [] : packages);
  const withoutFirefox = lacking(firefox(), 'firefox-esr');
  return [
    { name: 'Firefox on WASM', lacks: withoutFirefox },
    { name: 'Firefox on WebGPU', lacks: [...withoutFirefox, ...lacking(vulkan(), 'mesa-vulkan-drivers')] },
    { name: 'WebKitGTK on WASM', lacks: lacking(webkit(), 'webkit2gtk-driver', 'xvfb') },
  ];
}

/** Why a run of `otherRuns` is left out, and what would bring it; undefined where it can be made. */
export function leftOut(name) {
  const { lacks } = otherRuns().find((run) => run.name === name);
  return lacks.length > 0 ? `${name} is left out: it needs what apt-get install --no-install-recommends ${lacks.join(' ')} brings.` : undefined;
}
