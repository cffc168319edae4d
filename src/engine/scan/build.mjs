/** Compiles the passes over logits and writes them, as base64, into `binary.ts`. Run by `npm run kernels`. */

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { main } from 'assemblyscript/asc';

const ENTRY = 'src/engine/scan/assembly/index.ts';
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

async function compile() {
  const options = ['--runtime', 'stub', '--importMemory', '--noExportMemory', '--noAssert', '-O3', '--converge', '--enable', 'simd'];
  const files = new Map();
  const { error, stderr } = await main([ENTRY, '--baseDir', ROOT, '-o', 'scan.wasm', ...options], {
    writeFile: (name, contents) => void files.set(name, contents),
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return Buffer.from(files.get('scan.wasm')).toString('base64');
}

/** SHA-256 of what the binary is made from: the source and this script. */
export async function sourcesHash() {
  const hash = createHash('sha256');
  for (const url of [new URL('./assembly/index.ts', import.meta.url), new URL(import.meta.url)]) hash.update(await readFile(url));
  return hash.digest('hex');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = `/** Generated from assembly/ by \`npm run kernels\`; do not edit. */

/** SHA-256 of the sources. */
export const SOURCES = '${await sourcesHash()}';

/** Needs WebAssembly SIMD. */
export const SCAN_BINARY =
  '${await compile()}';
`;
  await writeFile(new URL('./binary.ts', import.meta.url), text);
}
