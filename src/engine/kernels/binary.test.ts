// @vitest-environment node
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('the binaries in binary.ts are those of assembly/ (else: npm run kernels)', async () => {
  // @ts-expect-error A script without types.
  const { generate } = (await import('./build.mjs')) as { generate(): Promise<string> };
  expect(await readFile(new URL('./binary.ts', import.meta.url), 'utf8')).toBe(await generate());
}, 60_000);
