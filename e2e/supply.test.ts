/** What ships: its licences, and the advisories that a registry knows. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { licencesText, shippedPackages } from '../bin/licences.mjs';

const PERMISSIVE = /^(Apache-2\.0|MIT|ISC|BSD-[23]-Clause|OFL-1\.1)$/;

describe('what ships', () => {
  it('is listed with its licences in licences.txt, as `npm run licences` writes it', () => {
    expect(readFileSync('public/licences.txt', 'utf8')).toBe(licencesText());
  });

  it('may be passed on: every licence is a permissive one', () => {
    expect(shippedPackages().filter(({ license }) => !PERMISSIVE.test(license))).toEqual([]);
  });

  it('is pinned: every package of the lockfile has a version and a hash', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, { version?: string; integrity?: string; link?: boolean }> };
    const loose = Object.entries(packages).filter(([path, { version, integrity, link }]) => path !== '' && !link && (!version || !integrity));
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('has no advisory of high severity', { timeout: 60_000 }, ({ skip }) => {
    let report: string;
    try {
      report = execFileSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] });
    } catch (error) {
      report = (error as { stdout?: string }).stdout ?? '';
    }
    const counts = report.startsWith('{') ? (JSON.parse(report) as { metadata?: { vulnerabilities?: { high: number; critical: number } } }).metadata?.vulnerabilities : undefined;
    if (!counts) return skip('The package registry did not answer the audit.');
    expect(counts).toMatchObject({ high: 0, critical: 0 });
  });
});
