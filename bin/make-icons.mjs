// Draws the icons of the installed page from public/icon.svg and public/icon-maskable.svg. Usage: node bin/make-icons.mjs
// CHROMIUM names the browser. Run again when an SVG changes; the pictures are committed.
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright';

const ICONS = [
  ['icon.svg', 'icon-192.png', 192],
  ['icon.svg', 'icon-512.png', 512],
  ['icon-maskable.svg', 'icon-maskable-512.png', 512],
  ['icon-maskable.svg', 'apple-touch-icon.png', 180],
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [source, target, size] of ICONS) {
  const svg = await readFile(new URL(`../public/${source}`, import.meta.url), 'utf8');
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<body style="margin:0">${svg.replace('<svg ', `<svg width="${size}" height="${size}" style="display:block" `)}</body>`);
  await writeFile(new URL(`../public/${target}`, import.meta.url), await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
