import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { contentSecurityPolicy } from './src/app/content-security-policy.ts';
import { manifest } from './src/app/manifest.ts';

// Relative addresses throughout: the built folder works under any path of any static host, and from another origin.
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  plugins: [
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
  ],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: 'index.html', verselet: 'src/embed.ts', frame: 'src/element/frame-entry.ts' },
      preserveEntrySignatures: 'strict',
      output: {
        // Scripts lie exactly one folder below the root: `src/worker/spawn.ts` counts on it.
        entryFileNames: (chunk) => (['verselet', 'frame'].includes(chunk.name) ? 'embed/[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: { include: ['src/**/*.test.ts', 'e2e/**/*.test.ts'], testTimeout: 20_000 },
});
