#!/usr/bin/env node
// Runs a TypeScript file of this repository in Node: node bin/run.mjs FILE [ARGUMENTS]
import { resolve } from 'node:path';
import { runnerImport } from 'vite';

const [, , file, ...rest] = process.argv;
process.argv.splice(1, process.argv.length, resolve(file), ...rest);
await runnerImport(resolve(file), { configFile: false, logLevel: 'error' });
