// npm run bench: what it needs is installed first, a browser included. Options: see e2e/bench/main.ts.
import { findBrowser, installPackages, run } from './setup.mjs';

installPackages();
process.env.CHROMIUM = await findBrowser();
const fine = run(process.execPath, ['bin/run.mjs', 'e2e/bench/main.ts', ...process.argv.slice(2)]);
process.exit(fine ? 0 : 1);
