/** The `verselet` command. */

import { parseArgs } from 'node:util';
import { VerseletError, asVerseletError } from './errors.ts';
import { convertModel } from './convert-command.ts';
import { createComposer } from './node.ts';

const HELP = `verselet: original poems, written on this machine

  verselet compose [--emotion joy] [--form haiku] [--theme TEXT] [--title TEXT] [--first-line TEXT]
                   [--acrostic WORD] [--lines N] [--rhyme perfect|near] [--scheme ABAB] [--seed N]
                   [--candidates N] [--temperature N] [--model ID|URL] [--hub URL] [--json]
      Writes a poem; --json prints the poem as JSON with its seed, checks and timings.

  verselet convert ORG/NAME[@REV]|DIR --out DIR [--hub URL]
      Packs a GPT-2 checkpoint into a folder that can be hosted anywhere and named as model.

  verselet --help | --version

Exit codes: 0 done; 1 failed (the reason is on standard error); 2 wrong arguments.`;

const COMPOSE = {
  emotion: { type: 'string' },
  form: { type: 'string' },
  theme: { type: 'string' },
  title: { type: 'string' },
  'first-line': { type: 'string' },
  acrostic: { type: 'string' },
  lines: { type: 'string' },
  rhyme: { type: 'string' },
  scheme: { type: 'string' },
  seed: { type: 'string' },
  candidates: { type: 'string' },
  temperature: { type: 'string' },
  model: { type: 'string' },
  hub: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const NUMBERS = ['lines', 'seed', 'candidates', 'temperature'];

class UsageError extends Error {}

function readArguments<T extends NonNullable<Parameters<typeof parseArgs>[0]>>(config: T) {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

async function compose(args: string[]): Promise<void> {
  const { values } = readArguments({ args, options: COMPOSE });
  const { model, hub, json, ...fields } = values;
  const request = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name === 'first-line' ? 'firstLine' : name, NUMBERS.includes(name) ? Number(value) : value]),
  );
  const composer = await createComposer({ ...(model && { model }), ...(hub && { hub }) });
  try {
    const poem = await composer.compose(request);
    process.stdout.write(json ? `${JSON.stringify(poem, null, 2)}\n` : `${poem.title}\n\n${poem.text}\n`);
  } finally {
    await composer.dispose();
  }
}

async function convert(args: string[]): Promise<void> {
  const options = { out: { type: 'string' }, hub: { type: 'string' }, id: { type: 'string' } } as const;
  const { values, positionals } = readArguments({ args, options, allowPositionals: true });
  const { out, hub, id } = values;
  const [from, ...rest] = positionals;
  if (from === undefined || rest.length > 0 || out === undefined) throw new UsageError('convert needs one model and --out DIR.');
  let shown = '';
  const onProgress = (phase: string, file: string, done: number, total: number): void => {
    const line = `${phase} ${file} ${total === 0 ? `${Math.floor(done / 1e6)} MB` : `${Math.floor((10 * done) / total) * 10} %`}`;
    if (line !== shown) process.stderr.write(`${(shown = line)}\n`);
  };
  const card = await convertModel({ from, out, hub, id, onProgress });
  process.stdout.write(`${String(card.id)}: written to ${out}\n`);
}

async function version(): Promise<void> {
  const { readFile } = await import('node:fs/promises');
  const manifest = JSON.parse(await readFile(new URL(/* @vite-ignore */ '../package.json', import.meta.url), 'utf8')) as { version: string };
  process.stdout.write(`${manifest.version}\n`);
}

/** @returns the exit code: 0 done, 1 failed, 2 wrong arguments. */
export async function main([command, ...args]: string[]): Promise<number> {
  try {
    if (command === 'compose') await compose(args);
    else if (command === 'convert') await convert(args);
    else if (command === '--version') await version();
    else if (command === undefined || command === '--help' || command === 'help') process.stdout.write(`${HELP}\n`);
    else throw new UsageError(`"${command}" is no command.`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`verselet: ${error.message}\n\n${HELP}\n`);
      return 2;
    }
    const { code, message, hint } = asVerseletError(error, 'bad-request');
    process.stderr.write(`verselet: ${message} ${hint} (${code})\n`);
    return error instanceof VerseletError && code === 'bad-request' ? 2 : 1;
  }
}
