import type { BuildOptions } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { contentSecurityPolicy } from './src/app/content-security-policy.ts';
import { manifest } from './src/app/manifest.ts';

const PACKAGES = /^(lit|idb-keyval|@huggingface\/|onnxruntime-|node:)/;

/** The site: the page, and the scripts for pages of others under `embed/`. */
const site: BuildOptions = {
  rolldownOptions: {
    input: { index: 'index.html', verselet: 'src/embed.ts', frame: 'src/element/frame-entry.ts' },
    preserveEntrySignatures: 'strict',
    output: {
      // Scripts lie exactly one folder below the root: `src/worker/spawn.ts` counts on it.
      entryFileNames: (chunk) => (['verselet', 'frame'].includes(chunk.name) ? 'embed/[name].js' : 'assets/[name]-[hash].js'),
    },
  },
};

/** The npm package. What the page imports stays a dependency; the worker is bundled, since it starts from one file. */
const library: BuildOptions = {
  outDir: 'lib',
  copyPublicDir: false,
  minify: false,
  rolldownOptions: {
    input: { index: 'src/index.ts', define: 'src/element/define.ts', poetry: 'src/poetry/index.ts' },
    external: PACKAGES,
    preserveEntrySignatures: 'strict',
    output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
  },
};

/** The package's side for Node. */
const node: BuildOptions = {
  ...library,
  emptyOutDir: false,
  ssr: true,
  rolldownOptions: { ...library.rolldownOptions, input: { node: 'src/node.ts', cli: 'src/cli.ts' } },
};

/** The installable page: manifest, service worker, policy. Only for the site's own build. */
const page = () => [
  contentSecurityPolicy(),
  VitePWA({
    strategies: 'injectManifest',
    srcDir: 'src/app',
    filename: 'service-worker.ts',
    registerType: 'prompt',
    injectRegister: false,
    manifest,
    injectManifest: {
      globPatterns: ['index.html', 'assets/*.{js,mjs,css,woff2,wasm}', '*.svg', 'icon-*.png', 'data/*', 'models/**/*.json'],
      maximumFileSizeToCacheInBytes: 40e6,
      rollupFormat: 'iife',
    },
  }),
];

const builds: Record<string, BuildOptions> = { lib: library, node };

// Relative addresses throughout: the built folder works under any path of any static host, and from another origin.
export default defineConfig(({ mode }) => ({
  base: './',
  worker: { format: 'es' },
  plugins: mode in builds ? [] : page(),
  build: { target: 'es2022', assetsInlineLimit: 0, ...(builds[mode] ?? site) },
  test: { include: ['src/**/*.test.ts', 'e2e/**/*.test.ts'], testTimeout: 20_000 },
}));
