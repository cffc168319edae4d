import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Who may import whom: the arrows of the design, one row a folder. A file name stands for that file alone. */
const ALLOWED: Record<string, readonly string[]> = {
  'errors.ts': [],
  poetry: ['errors.ts'],
  convert: ['errors.ts'],
  hub: ['convert', 'errors.ts'],
  engine: ['hub', 'convert', 'errors.ts'],
  composer: ['poetry', 'engine/types.ts', 'engine/random.ts', 'errors.ts'],
  worker: ['composer', 'engine', 'hub', 'poetry', 'errors.ts'],
  library: ['poetry', 'errors.ts'],
  platform: ['errors.ts'],
  ui: ['library', 'platform', 'worker/client.ts', 'poetry', 'errors.ts'],
  element: ['ui', 'worker/client.ts', 'poetry', 'errors.ts'],
  app: ['element', 'ui', 'library', 'platform', 'errors.ts'],
  'index.ts': ['element', 'worker/client.ts', 'worker/engine-handle.ts', 'poetry', 'errors.ts'],
  'embed.ts': ['index.ts', 'element', 'poetry'],
  'node.ts': ['index.ts', 'worker', 'poetry', 'errors.ts'],
  'convert-command.ts': ['convert', 'hub', 'errors.ts'],
  'cli.ts': ['node.ts', 'convert-command.ts', 'worker', 'convert', 'hub', 'poetry', 'errors.ts'],
};

/** The page's side of the worker: knows the protocol, never what the worker is made of (types are free: they vanish). */
const CLIENT_SIDE = ['client.ts', 'protocol.ts', 'spawn.ts', 'connection.ts', 'composer-options.ts', 'device-session.ts', 'compose-arguments.ts'];

/** Packages that only some files may import. */
const PACKAGES: readonly { name: RegExp; files: RegExp }[] = [
  { name: /^onnxruntime|^@huggingface\/transformers/, files: /^engine\/ort-runtime\.ts$/ },
  { name: /^@huggingface\/tokenizers/, files: /^engine\/tokenizer\.ts$/ },
  { name: /^idb-keyval/, files: /^(hub|library)\// },
  { name: /^lit(\/|$)/, files: /^(ui|element|app)\// },
];

interface Import {
  from: string;
  specifier: string;
  typeOnly: boolean;
}

const root = dirname(fileURLToPath(import.meta.url));

function sources(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['assembly', 'testing'].includes(entry.name) ? [] : sources(path);
    return entry.name.endsWith('.ts') && !/\.(test|fixture)\.ts$|\.d\.ts$/.test(entry.name) ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const from = relative(root, file);
  const found: Import[] = [];
  for (const match of text.matchAll(/(?:^|\n)\s*(import|export)\s+(type\s+)?[^'";]*?from\s*['"]([^'"]+)['"]/g)) {
    found.push({ from, specifier: match[3]!, typeOnly: match[2] !== undefined });
  }
  for (const match of text.matchAll(/(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g)) {
    found.push({ from, specifier: (match[1] ?? match[2])!, typeOnly: false });
  }
  return found;
}

function forbidden({ from, specifier, typeOnly }: Import): string | undefined {
  if (!specifier.startsWith('.')) {
    const rule = PACKAGES.find(({ name }) => name.test(specifier));
    return rule && !typeOnly && !rule.files.test(from) ? `${from} imports the package ${specifier}` : undefined;
  }
  const to = normalize(join(dirname(from), specifier)).replace(/\?.*$/, '');
  const folder = from.split('/')[0]!;
  const allowed = ALLOWED[folder];
  if (!allowed) return `${from} is in no folder of the design`;
  if (typeOnly && !['poetry', 'convert'].includes(folder)) return undefined;
  if (folder === 'worker' && CLIENT_SIDE.includes(from.slice('worker/'.length))) {
    const fine = to.startsWith('worker/') || to === 'errors.ts' || to.startsWith('poetry/');
    return fine ? undefined : `${from} is the page's side and imports ${to}`;
  }
  const fine = to.split('/')[0] === folder || to.startsWith('..') || allowed.some((a) => to === a || to.startsWith(`${a}/`));
  return fine ? undefined : `${from} imports ${to}`;
}

describe('architecture', () => {
  const imports = sources().flatMap(importsOf);

  it('reads the imports of the source', () => {
    expect(imports.length).toBeGreaterThan(5);
  });

  it('has no forbidden arrow', () => {
    expect(imports.map(forbidden).filter((x) => x !== undefined)).toEqual([]);
  });

  it('would notice one', () => {
    expect(forbidden({ from: 'poetry/a.ts', specifier: '../engine/b.ts', typeOnly: false })).toBeDefined();
    expect(forbidden({ from: 'ui/a.ts', specifier: 'onnxruntime-web', typeOnly: false })).toBeDefined();
    expect(forbidden({ from: 'worker/client.ts', specifier: './../engine/b.ts', typeOnly: false })).toBeDefined();
  });
});
