// npm run build:lib: the npm package in lib/: code, types, the element's manifest, the embedded model and the tables.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tidy } from './manifest.mjs';
import { ROOT, run } from './setup.mjs';

const lib = join(ROOT, 'lib');
rmSync(lib, { recursive: true, force: true });
const steps = [
  ['npx', ['vite', 'build', '--mode', 'lib', '--logLevel', 'warn']],
  ['npx', ['vite', 'build', '--mode', 'node', '--logLevel', 'warn']],
  ['npx', ['tsc', '-p', 'src/tsconfig.json']],
  ['npx', ['cem', 'analyze', '--globs', 'src/element/verselet-poem.ts', '--litelement', '--outdir', 'lib', '--quiet']],
];
for (const [command, args] of steps) if (!run(command, args)) process.exit(1);

const manifest = join(lib, 'custom-elements.json');
writeFileSync(manifest, `${JSON.stringify(tidy(JSON.parse(readFileSync(manifest, 'utf8'))), null, 2)}\n`);

cpSync(join(ROOT, 'public/data'), join(lib, 'data'), { recursive: true });
for (const id of readdirSync(join(ROOT, 'public/models'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name)) {
  const from = join(ROOT, 'public/models', id);
  // The source precision is for the site's benchmark and for converters; a package has no use for it.
  const { source } = JSON.parse(readFileSync(join(from, 'verselet.json'), 'utf8'));
  mkdirSync(join(lib, 'models', id), { recursive: true });
  for (const file of readdirSync(from)) if (file !== source) cpSync(join(from, file), join(lib, 'models', id, file));
}
cpSync(join(ROOT, 'public/models/index.json'), join(lib, 'models/index.json'));
