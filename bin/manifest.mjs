// The element's manifest made fit to publish, and the README's tables from it.
// Usage: node bin/manifest.mjs   (writes the tables of lib/custom-elements.json into README.md)
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './setup.mjs';

const MARKS = ['<!-- tables from custom-elements.json: node bin/manifest.mjs -->', '<!-- end of tables -->'];

/** Without what is private to the element, and with the modules that the package has in place of the sources. */
export function tidy(manifest) {
  const [declaration] = manifest.modules.flatMap((module) => module.declarations);
  const own = ({ name, privacy }) => privacy !== 'private' && !/^[_#]/.test(name);
  const reference = { name: 'VerseletPoem', module: 'lib/index.js' };
  return {
    ...manifest,
    modules: [
      {
        kind: 'javascript-module',
        path: 'lib/index.js',
        declarations: [
          {
            ...declaration,
            members: declaration.members.filter(own).map((member) => ({ privacy: 'public', ...member })),
            attributes: declaration.attributes.filter(own),
            // The analyzer also reads the parameter of the method that dispatches.
            events: declaration.events.filter(({ name }) => name.startsWith('verselet-')),
          },
        ],
        exports: [{ kind: 'js', name: 'VerseletPoem', declaration: reference }],
      },
      {
        kind: 'javascript-module',
        path: 'lib/define.js',
        declarations: [],
        exports: [{ kind: 'custom-element-definition', name: 'verselet-poem', declaration: reference }],
      },
    ],
  };
}

const cell = (text = '') => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** Markdown tables of attributes, methods, events, parts and custom properties. */
export function tables(manifest) {
  const [{ attributes, members, events, cssParts, cssProperties }] = manifest.modules[0].declarations;
  const others = members.filter((member) => member.kind === 'method' || !member.attribute);
  return [
    table(['attribute', 'property', 'meaning'], attributes.map(({ name, fieldName, description }) => [`\`${name}\``, `\`${fieldName}\``, description])),
    table(['member', 'meaning'], others.map(({ kind, name, description }) => [`\`${name}${kind === 'method' ? '()' : ''}\``, description])),
    table(['event', 'when, and its `detail`'], events.map(({ name, description, type }) => [`\`${name}\``, `${description}: \`${type.text.replace(/^CustomEvent<(.*)>$/, '$1')}\``])),
    table(['part', 'is'], cssParts.map(({ name, description }) => [`\`${name}\``, description])),
    table(['custom property', 'sets'], cssProperties.map(({ name, description }) => [`\`${name}\``, description])),
  ].join('\n\n');
}

/** The README with the tables of `manifest` between their marks. */
export function withTables(readme, manifest) {
  const [start, end] = MARKS.map((mark) => readme.indexOf(mark));
  if (start < 0 || end < start) throw new Error('README.md has lost the marks of its tables.');
  return `${readme.slice(0, start)}${MARKS[0]}\n\n${tables(manifest)}\n\n${readme.slice(end)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const readme = join(ROOT, 'README.md');
  const manifest = JSON.parse(readFileSync(join(ROOT, 'lib/custom-elements.json'), 'utf8'));
  writeFileSync(readme, withTables(readFileSync(readme, 'utf8'), manifest));
}
