import { expect, it } from 'vitest';
import { SOURCES } from './binary.ts';
import { SOURCES as SHARED_SOURCES } from './shared-binary.ts';

it('the binaries were generated from what assembly/ holds now (else: npm run kernels)', async () => {
  // @ts-expect-error A script without types.
  const { sourcesHash } = (await import('./build.mjs')) as { sourcesHash(): Promise<string> };
  expect(await sourcesHash()).toBe(SOURCES);
  expect(SHARED_SOURCES).toBe(SOURCES);
});
