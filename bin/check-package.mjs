// npm run check:package: builds the npm package and looks at it as its users will: exports, types, sizes, and a consumer
// that installs the tarball, type-checks against it and writes a poem.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { withTables } from './manifest.mjs';
import { ROOT, run } from './setup.mjs';

/** Gzip kB of what a page loads before a poem is asked for. */
const BUDGETS = [
  ['dist/embed/verselet.js', 36],
  ['dist/index.html', 60],
];

const failures = [];
const check = (name, fine, detail = '') => {
  console.log(`${fine ? 'ok  ' : 'FAIL'} ${name}${detail && ` (${detail})`}`);
  if (!fine) failures.push(name);
};

/** All scripts that a built file imports statically, itself included. */
function staticGraph(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(ROOT, file), 'utf8');
  const html = file.endsWith('.html');
  const pattern = html ? /<script[^>]+type="module"[^>]+src="([^"]+)"/g : /(?:^|[;\s}])(?:import|export)\s*(?:[\w*{}\s,$]+from\s*)?["'](\.[^"']+\.js)["']/g;
  for (const [, specifier] of text.matchAll(pattern)) staticGraph(join(file, '..', specifier).replaceAll('\\', '/'), seen);
  if (html) seen.delete(file);
  return seen;
}

function consume() {
  const folder = mkdtempSync(join(tmpdir(), 'verselet-consumer-'));
  try {
    const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT, encoding: 'utf8' });
    const tarball = packed.stdout.trim().split('\n').pop();
    const installed = join(folder, 'node_modules', 'verselet');
    mkdirSync(installed, { recursive: true });
    check('the tarball unpacks', run('tar', ['xzf', join(folder, tarball), '-C', installed, '--strip-components=1']));
    // Its dependencies are the ones of this checkout: a second download would test the registry, not the package.
    for (const name of ['lit', '@lit', 'lit-html', 'lit-element', '@lit-labs', 'idb-keyval', '@huggingface', 'onnxruntime-web', 'onnxruntime-common', 'typescript', '@types']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', target: 'es2022', lib: ['es2023', 'dom'], noEmit: true, skipLibCheck: false, types: ['node'] }, files: ['use.ts'] }));
    writeFileSync(
      join(folder, 'use.ts'),
      `import { type Poem, type PoemRequest, VerseletError, createComposer, engine } from 'verselet';
import 'verselet/define';
import { rhymeOf, syllables } from 'verselet/poetry';
const request: PoemRequest = { emotion: 'joy', form: 'haiku', seed: 7 };
// @ts-expect-error an emotion that is none
const wrong: PoemRequest = { emotion: 'hapy' };
const composer = await createComposer({ device: 'wasm' });
const poem: Poem = await composer.compose(request);
const rhyme: 'perfect' | 'near' | 'identical' | 'none' = rhymeOf('night', 'light');
const count: number = syllables(poem.text);
await composer.compose(wrong).catch((error: unknown) => error instanceof VerseletError && error.code);
document.querySelector('verselet-poem')?.compose({ emotion: 'joy' });
export { count, engine, rhyme };
`,
    );
    writeFileSync(
      join(folder, 'use.mjs'),
      `import { createComposer } from 'verselet';
import { rhymeOf } from 'verselet/poetry';
const composer = await createComposer();
const poem = await composer.compose({ emotion: 'joy', form: 'haiku', seed: 7 });
await composer.dispose();
if (poem.stanzas.flat().length !== 3 || !poem.title || rhymeOf('night', 'light') !== 'perfect') process.exit(1);
`,
    );
    check('a consumer type-checks', run('node', [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]));
    check('a consumer writes a poem in Node', run('node', ['use.mjs'], { cwd: folder }));
    check('the command writes a poem', run('node', [join(installed, 'bin/verselet.mjs'), 'compose', '--emotion', 'joy', '--form', 'haiku', '--seed', '7'], { cwd: folder }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

check('the package builds', run('npm', ['run', '--silent', 'build:lib']));
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
check('the README names what the manifest does', withTables(readme, JSON.parse(readFileSync(join(ROOT, 'lib/custom-elements.json'), 'utf8'))) === readme, 'node bin/manifest.mjs writes it');
check('publint', run('npx', ['publint', '--strict']));
check('types resolve', run('npx', ['attw', '--pack', '.', '--profile', 'esm-only', '--format', 'ascii', '--quiet']));
for (const [file, budget] of BUDGETS) {
  const bytes = [...staticGraph(file)].reduce((sum, part) => sum + gzipSync(readFileSync(join(ROOT, part)), { level: 9 }).length, 0);
  check(`${file} loads at most ${budget} kB gzip of scripts`, bytes <= budget * 1000, `${(bytes / 1000).toFixed(1)} kB`);
}
const assets = readdirSync(join(ROOT, 'dist/assets')).filter((name) => name.endsWith('.js'));
const importsEntry = assets.filter((name) => /\bfrom\s*["']\.\/composer\.worker-/.test(readFileSync(join(ROOT, 'dist/assets', name), 'utf8')));
check("no script imports the worker's entry, which WebKit would run twice", importsEntry.length === 0, importsEntry.join(', '));
consume();
console.log(`\n${failures.length ? `${failures.length} failed` : 'all passed'}`);
process.exit(failures.length ? 1 : 0);
