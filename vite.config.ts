import { defineConfig } from 'vite';

// Relative addresses throughout: the built folder works under any path of any static host, and from another origin.
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: 'index.html', verselet: 'src/embed.ts' },
      preserveEntrySignatures: 'strict',
      output: {
        // Scripts lie exactly one folder below the root: `src/worker/spawn.ts` counts on it.
        entryFileNames: (chunk) => (chunk.name === 'verselet' ? 'embed/verselet.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: { include: ['src/**/*.test.ts', 'e2e/**/*.test.ts'], testTimeout: 20_000 },
});
