// npm run lighthouse: Lighthouse's four scores of the built site, desktop and mobile. Needs a build and a Chromium.
import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';
import { findBrowser } from './setup.mjs';
import { serve } from './serve.mjs';

/** Accessibility, best practices and SEO are facts of the page; performance also depends on this machine. */
const WANTED = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };

const { server, url } = await serve('dist');
const chrome = await launch({
  chromePath: await findBrowser(),
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let missed = 0;
try {
  console.log(`| run | ${Object.keys(WANTED).join(' | ')} |\n|---|${'---|'.repeat(Object.keys(WANTED).length)}`);
  for (const [name, config] of [['desktop', desktopConfig], ['mobile', undefined]]) {
    const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: 'error', onlyCategories: Object.keys(WANTED) }, config);
    const scores = Object.keys(WANTED).map((category) => Math.round((lhr.categories[category].score ?? 0) * 100));
    console.log(`| ${name} | ${scores.join(' | ')} |`);
    for (const [index, [category, wanted]] of Object.entries(WANTED).entries()) {
      if (scores[index] >= wanted) continue;
      missed += 1;
      const refs = lhr.categories[category].auditRefs.filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 0.9);
      for (const { id } of refs) console.error(`  ${name}, ${category}: ${lhr.audits[id].title} ${lhr.audits[id].displayValue ?? ''}`);
    }
  }
} finally {
  await chrome.kill();
  server.close();
}
process.exit(missed ? 1 : 0);
