import { defineConfig } from 'vitest/config';

// Relative addresses throughout: the built folder works under any path of any static host, and from another origin.
export default defineConfig({
  base: './',
  worker: { format: 'es' },
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
