import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readFaults, withTable } from '../bin/faults-table.mjs';

it('every fault of the README has its tests, and the table is the one that `npm run faults:table` writes', () => {
  const { rows, missing } = readFaults();
  expect(missing).toEqual([]);
  expect(rows).toHaveLength(35);
  const readme = readFileSync('README.md', 'utf8');
  expect(readme).toBe(withTable(readme));
});
