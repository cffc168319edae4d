#!/usr/bin/env node
// The `verselet` command: the built package's, or in a clone without a build the sources'.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../lib/cli.js', import.meta.url);

async function load() {
  if (existsSync(fileURLToPath(built))) return import(built.href);
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(fileURLToPath(new URL('../src/cli.ts', import.meta.url)), { logLevel: 'error' });
  return module;
}

const { main } = await load();
process.exitCode = await main(process.argv.slice(2));
