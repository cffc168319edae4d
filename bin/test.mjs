// npm test: installs what it needs, a browser included, and runs everything. `npm run test:quick` leaves the browser out.
import { leftOut, otherRuns } from './browsers.mjs';
import { findBrowser, installOtherBrowsers, installPackages, run } from './setup.mjs';

installPackages();
const quick = process.argv.includes('--quick');
const steps = [
  ['types', 'npm', ['run', '--silent', 'check']],
  ['lint', 'npm', ['run', '--silent', 'lint']],
  ['unit tests', 'npm', ['run', '--silent', 'unit']],
];
if (!quick) {
  process.env.CHROMIUM = await findBrowser();
  installOtherBrowsers();
  steps.push(['build', 'npm', ['run', '--silent', 'build']], ['end-to-end tests', 'npm', ['run', '--silent', 'e2e']], ['package', 'npm', ['run', '--silent', 'check:package']]);
}
let failed = 0;
for (const [name, command, args] of steps) {
  const start = Date.now();
  console.log(`\n== ${name}`);
  const fine = run(command, args);
  console.log(`== ${name}: ${fine ? 'passed' : 'FAILED'} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  if (!fine) failed += 1;
  if (!fine && name === 'build') break;
}
if (!quick) {
  console.log('\nBrowsers of the end-to-end tests: Chromium on WASM and on WebGPU');
  for (const { name } of otherRuns()) console.log(leftOut(name) ?? name);
}
console.log(`\n${steps.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
