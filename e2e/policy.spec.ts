/** Every built page: a strict policy of its own, the headers of the server, and nothing that the policy has to report. */

import { readdirSync } from 'node:fs';
import { expect, test } from './fixtures.ts';

const DIRECTIVES = [
  "default-src 'none'",
  "worker-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
];
const pages = (): string[] => readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'));

test('every built page carries the strict policy, and the server sends what only a header can say', async ({ request, origins }) => {
  expect(pages().length).toBeGreaterThanOrEqual(7);
  for (const path of pages()) {
    const answer = await request.get(`${origins.site}${path}`);
    const html = await answer.text();
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)" \/>/.exec(html)?.[1] ?? '';
    expect(policy.split('; '), path).toEqual(expect.arrayContaining(DIRECTIVES));
    expect(policy, path).not.toMatch(/unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|\*(?!;| |$)/);
    expect(/script-src ([^;]+)/.exec(policy)?.[1], path).toMatch(/^'self' 'wasm-unsafe-eval'( 'sha256-[\w+/=]+')*$/);
    expect(html.indexOf('Content-Security-Policy'), path).toBeLessThan(html.indexOf('<script'));
    expect(html, path).toContain('<meta name="referrer" content="no-referrer" />');
    expect(answer.headers(), path).toMatchObject({
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      'x-content-type-options': 'nosniff',
    });
  }
});

test('every built page runs under its policy without a report, and Trusted Types are enforced', async ({ page, origins }) => {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  for (const path of pages()) {
    await page.goto(`${origins.site}${path}`, { waitUntil: 'networkidle' });
    expect(errors, path).toEqual([]);
    const refused = await page.evaluate(() => {
      try {
        document.createElement('script').src = 'data:,';
        return '';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(refused, path).toBe('TypeError');
    errors.length = 0;
  }
});

test('the page of examples writes under Trusted Types', async ({ page, origins }) => {
  await page.goto(`${origins.site}embed/plain.html`);
  await page.getByRole('button', { name: 'Write', exact: true }).click();
  await expect(page.locator('verselet-poem').locator('[part=line]')).toHaveCount(4);
});
