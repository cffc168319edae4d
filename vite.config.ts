import { readFile, readdir } from 'node:fs/promises';
import type { BuildOptions, PluginOption } from 'vite';
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

const EXAMPLES = 'src/embed-examples';

/** The pages that show the tag in frameworks; they run the site's own `embed/verselet.js`, which is built before them. */
const examples: BuildOptions = {
  emptyOutDir: false,
  copyPublicDir: false,
  chunkSizeWarningLimit: 1000,
  rolldownOptions: {
    input: { react: `${EXAMPLES}/react.jsx`, vue: `${EXAMPLES}/vue.js`, svelte: `${EXAMPLES}/svelte.js` },
    output: { entryFileNames: 'embed/examples/[name].js', chunkFileNames: 'embed/examples/[name]-[hash].js' },
  },
};

async function examplePlugins(): Promise<PluginOption[]> {
  const [{ default: vue }, { svelte }] = await Promise.all([import('@vitejs/plugin-vue'), import('@sveltejs/vite-plugin-svelte')]);
  const tag: PluginOption = {
    name: 'examples',
    enforce: 'pre',
    resolveId: (id) => (id === 'verselet/define' ? { id: '../verselet.js', external: true } : undefined),
    /** The sources lie beside the pages, so that they can be copied from there. */
    async generateBundle() {
      for (const name of (await readdir(EXAMPLES)).filter((name) => /\.(jsx|vue|svelte)$/.test(name))) {
        this.emitFile({ type: 'asset', fileName: `embed/examples/${name}.txt`, source: await readFile(`${EXAMPLES}/${name}`, 'utf8') });
      }
    },
  };
  return [tag, vue({ template: { compilerOptions: { isCustomElement: (name) => name === 'verselet-poem' } } }), svelte({ configFile: false })];
}

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

const builds: Record<string, BuildOptions> = { lib: library, node, examples };

function pluginsOf(mode: string): PluginOption[] {
  if (mode === 'examples') return [examplePlugins()];
  return mode in builds ? [] : page();
}

// Relative addresses throughout: the built folder works under any path of any static host, and from another origin.
export default defineConfig(({ mode }) => ({
  base: './',
  worker: { format: 'es' },
  plugins: pluginsOf(mode),
  build: { target: 'es2022', assetsInlineLimit: 0, ...(builds[mode] ?? site) },
  test: { include: ['src/**/*.test.ts', 'e2e/**/*.test.ts'], testTimeout: 20_000 },
}));
