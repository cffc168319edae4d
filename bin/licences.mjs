// npm run licences: writes public/licences.txt, the licences of everything that the built site or package carries.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Packages whose code or data is in a built file; what they depend on comes with them. */
const SHIPPED = ['lit', 'idb-keyval', '@huggingface/tokenizers', 'onnxruntime-web', 'workbox-precaching', '@fontsource-variable/newsreader', 'cmu-pronouncing-dictionary'];

const OWN = ['LICENSE', 'Verselet, its poems tables and the model verse-nano', 'Apache-2.0'];
const DATA = [['public/data/LICENSE-cmudict.txt', 'The CMU Pronouncing Dictionary', 'BSD-2-Clause']];

function read(folder) {
  const { name, version, license, dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
  return { name, version, license: license ?? 'not stated', dependencies: Object.keys(dependencies), text: file ? readFileSync(join(folder, file), 'utf8').trim() : '' };
}

/** Every shipped package, by name. */
export function shippedPackages() {
  const found = new Map();
  const queue = [...SHIPPED];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const folder = join(root, 'node_modules', name);
    if (found.has(name) || name.startsWith('@types/') || !existsSync(folder)) continue;
    const info = read(folder);
    found.set(name, info);
    queue.push(...info.dependencies);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The file's text: a list, then each licence text once. */
export function licencesText() {
  const packages = shippedPackages();
  const rows = packages.map(({ name, version, license }) => `${name} ${version}: ${license}`);
  const texts = new Map([[OWN[1], `see the file ${OWN[0]} (${OWN[2]})`]]);
  for (const [file, name] of DATA) texts.set(name, readFileSync(join(root, file), 'utf8').trim());
  const byText = new Map();
  for (const { name, text } of packages) if (text) byText.set(text, [...(byText.get(text) ?? []), name]);
  for (const [text, names] of byText) texts.set(names.join(', '), text);
  const data = DATA.map(([, name, license]) => `${name}: ${license}`);
  const parts = [...texts].map(([names, text]) => `${'-'.repeat(80)}\n${names}\n\n${text}`);
  return `What Verselet ships, and under which licence\n\n${[`${OWN[1]}: ${OWN[2]}`, ...data, ...rows].join('\n')}\n\n${parts.join('\n\n')}\n`.replace(/\r\n?/g, '\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(join(root, 'public/licences.txt'), licencesText());
  console.log('Wrote public/licences.txt');
}
