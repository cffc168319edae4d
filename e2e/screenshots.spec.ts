// Every view on phone and desktop, light and dark, into screenshots/; the README's four into .github/, and the two
// pictures of the web app manifest into public/. Usage: npm run screenshots (after npm run build)
import type { Page } from 'playwright/test';
import { expect, test } from './fixtures.ts';

const SIZES = { phone: { width: 390, height: 844 }, small: { width: 320, height: 640 }, desktop: { width: 1440, height: 900 } } as const;
/** The README's pictures. */
const README = new Set(['poem-phone-light', 'poem-desktop-dark', 'proof-desktop-light', 'collection-phone-dark']);
/** A collection that looks like one. */
const KEPT = ['emotion=trust&form=haiku&seed=7', 'emotion=fear&form=couplets&lines=4&seed=8', 'emotion=sadness&form=limerick&seed=9'];
const VIEWS = ['Collection', 'Models', 'About'] as const;

async function written(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Compose again' }).waitFor();
  await page.evaluate(() => document.fonts.ready);
}

for (const [name, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${name}, ${colorScheme}`, async ({ browser, origins }) => {
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce', isMobile: viewport.width < 500 });
      const page = await context.newPage();
      const shoot = async (view: string, fullPage = false) => {
        const picture = `${view}-${name}-${colorScheme}`;
        await page.screenshot({ path: `screenshots/${picture}.png`, fullPage });
        if (README.has(picture)) await page.screenshot({ path: `.github/${picture}.jpg`, type: 'jpeg', quality: 85 });
      };
      const keep = async () => {
        await page.getByRole('button', { name: 'Keep', exact: true }).click();
        await page.getByRole('button', { name: 'Kept in the collection' }).waitFor();
      };
      await page.goto(origins.site);
      await expect(page.getByRole('button', { name: 'Compose' })).toBeVisible();
      await shoot('start');
      if (name !== 'small') {
        for (const wish of KEPT) {
          await page.goto(`${origins.site}?${wish}&compose=1`);
          await written(page);
          await keep();
        }
      }
      const emotion = colorScheme === 'dark' ? 'sadness' : 'joy';
      await page.goto(`${origins.site}?emotion=${emotion}&form=quatrains&theme=the%20sea&seed=4&compose=1`);
      await written(page);
      await shoot('poem');
      await keep();
      await page.getByText('How was this made?').click();
      await shoot('proof', true);
      for (const view of VIEWS) {
        await page.getByRole('navigation').getByRole('link', { name: view }).click();
        await expect(page.getByRole('heading', { level: 1, name: view })).toBeVisible();
        if (view === 'Models') await page.getByRole('heading', { name: 'Room on this device' }).waitFor();
        await shoot(view.toLowerCase(), true);
      }
      await context.close();
    });
  }
}

test('pictures of the manifest', async ({ browser, origins }) => {
  const shots = [
    { file: 'screenshot-narrow.png', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true },
    { file: 'screenshot-wide.png', viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1, isMobile: false },
  ];
  for (const { file, ...options } of shots) {
    const context = await browser.newContext({ ...options, colorScheme: 'light', reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${origins.site}?emotion=joy&form=quatrains&seed=4&compose=1`);
    await written(page);
    await page.screenshot({ path: `public/${file}` });
    await context.close();
  }
});
