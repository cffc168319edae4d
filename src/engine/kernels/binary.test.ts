import { expect, it } from 'vitest';
import { SOURCES } from './binary.ts';

it('binary.ts was generated from what assembly/ holds now (else: npm run kernels)', async () => {
  // @ts-expect-error A script without types.
  const { sourcesHash } = (await import('./build.mjs')) as { sourcesHash(): Promise<string> };
  expect(await sourcesHash()).toBe(SOURCES);
});
