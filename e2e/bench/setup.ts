/** Everything that the benchmark needs before it can start: models, the page, the runtimes' files, the site. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { build } from 'vite';

export const CACHE = '.cache/bench';

const ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-precise-memory-info',
  '--js-flags=--expose-gc',
];
const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

function prepareModels(small: boolean): void {
  const args = ['--max-old-space-size=8000', 'bin/run.mjs', 'e2e/bench/models/prepare.ts', join(CACHE, 'models')];
  const { status } = spawnSync(process.execPath, [...args, ...(small ? ['--small'] : [])], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The models could not be written.');
}

async function buildPage(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    base: './',
    publicDir: false,
    build: {
      target: 'es2022',
      outDir: join(CACHE, 'page'),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: { main: 'e2e/bench/page/main.ts', pipeline: 'e2e/bench/page/pipeline.ts' },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  });
  for (const name of ['index', 'isolated']) {
    writeFileSync(join(CACHE, 'page', `${name}.html`), '<!doctype html><title>Benchmark</title><link rel="icon" href="data:,">');
  }
}

/** Copies the runtimes' own files beside the page, so that nothing comes from elsewhere. */
function copyRuntimes(): void {
  const folder = join(CACHE, 'runtime');
  mkdirSync(folder, { recursive: true });
  const ort = 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify';
  for (const end of ['mjs', 'wasm']) copyFileSync(`${ort}.${end}`, join(folder, `ort-wasm-simd-threaded.asyncify.${end}`));
  copyFileSync('node_modules/@wllama/wllama/esm/wasm/wllama.wasm', join(folder, 'wllama.wasm'));
}

export async function setUp(options: { small: boolean }): Promise<void> {
  prepareModels(options.small);
  await buildPage();
  copyRuntimes();
  if (!existsSync('dist/embed/verselet.js')) {
    const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
    if (status !== 0) throw new Error('The site could not be built.');
  }
}

/** A fresh Chromium, with its software GPU where it is asked for. */
export function launch(gpu = false): Promise<Browser> {
  const executablePath = process.env.CHROMIUM || undefined;
  return chromium.launch({ executablePath, args: gpu ? [...ARGS, ...SOFTWARE_GPU] : ARGS });
}
