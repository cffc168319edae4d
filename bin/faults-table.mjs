// npm run faults:table: writes the README's table of faults from e2e/faults.json; every test named there must exist.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const START = '<!-- faults:table -->';
const END = '<!-- faults:end -->';

/** The rows, and what is wrong with them: tests that no file has. */
export function readFaults() {
  const rows = JSON.parse(readFileSync(path('e2e/faults.json'), 'utf8'));
  const missing = [];
  for (const { tests } of rows) {
    for (const [file, titles] of Object.entries(tests)) {
      const text = readFileSync(path(file), 'utf8').replaceAll("\\'", "'");
      for (const title of titles) if (!text.includes(title)) missing.push(`${file}: ${title}`);
    }
  }
  return { rows, missing };
}

/** The README with a fresh table between its marks. */
export function withTable(readme) {
  const { rows } = readFaults();
  const cell = (text) => text.replaceAll('|', '\\|');
  const named = ({ tests }) => Object.entries(tests).map(([file, titles]) => `${titles.map((title) => `“${cell(title)}”`).join(', ')} in \`${file}\``).join('; ');
  const lines = rows.map((row, index) => `| ${index + 1} | ${cell(row.fault)} | ${cell(row.holds)} | ${named(row)} |`);
  const table = ['| | what was broken | what holds | tests |', '|---|---|---|---|', ...lines].join('\n');
  const [before, rest] = readme.split(START);
  if (rest === undefined) throw new Error(`README.md lacks ${START}`);
  return `${before}${START}\n\n${table}\n\n${END}${rest.split(END)[1]}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { missing, rows } = readFaults();
  if (missing.length) {
    console.error(`Tests that do not exist:\n${missing.join('\n')}`);
    process.exit(1);
  }
  writeFileSync(path('README.md'), withTable(readFileSync(path('README.md'), 'utf8')));
  console.log(`${rows.length} faults in README.md`);
}
