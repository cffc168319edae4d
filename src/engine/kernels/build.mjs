/** Compiles the kernels and writes them, as base64, into `binary.ts` and `shared-binary.ts`. Run by `npm run kernels`; a test compares the hash. */

import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { main } from 'assemblyscript/asc';

const ENTRY = 'src/engine/kernels/assembly/index.ts';
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** One binary, as base64. @param {string[]} features of WebAssembly beyond the defaults. */
async function compile(features) {
  const options = ['--runtime', 'stub', '--importMemory', '--noExportMemory', '--noAssert', '-O3', '--converge'];
  if (features.includes('threads')) options.push('--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536');
  const enable = features.flatMap((feature) => ['--enable', feature]);
  const files = new Map();
  const { error, stderr } = await main([ENTRY, '--baseDir', ROOT, '-o', 'gpt2.wasm', ...options, ...enable], {
    writeFile: (name, contents) => void files.set(name, contents),
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return Buffer.from(files.get('gpt2.wasm')).toString('base64');
}

/** SHA-256 of what the binaries are made from: the sources and this script. */
export async function sourcesHash() {
  const hash = createHash('sha256');
  const folder = new URL('./assembly/', import.meta.url);
  const names = (await readdir(folder)).sort();
  for (const url of [...names.map((name) => new URL(name, folder)), new URL(import.meta.url)]) {
    hash.update(await readFile(url));
  }
  return hash.digest('hex');
}

/** The text of `binary.ts`, or with `threads` of `shared-binary.ts`. @param {string[]} threads */
async function generate(...threads) {
  const base = await compile(['simd', ...threads]);
  const relaxed = await compile(['simd', 'relaxed-simd', ...threads]);
  return `/** Generated from assembly/ by \`npm run kernels\`; do not edit. */

/** SHA-256 of the sources. */
export const SOURCES = '${await sourcesHash()}';

/** Needs WebAssembly SIMD${threads.length > 0 ? ' and a shared memory' : ''}. */
export const BASE_BINARY =
  '${base}';

/** Needs relaxed SIMD too; computes the same bits. */
export const RELAXED_BINARY =
  '${relaxed}';
`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(new URL('./binary.ts', import.meta.url), await generate());
  await writeFile(new URL('./shared-binary.ts', import.meta.url), await generate('threads'));
}
