/**
 * The browser is killed, as by a power cut, while it saves poems and downloads a model. `VERSELET_SOAK=1`: twenty times.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page, chromium, expect, test } from 'playwright/test';
import { build } from 'vite';
import { type Files, type HubServer, sha256, startHub } from './hub-server.ts';

const ROUNDS = process.env.VERSELET_SOAK ? 20 : 4;
const WEIGHTS = 'onnx/decoder_model_merged_quantized.onnx';
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A model whose weights are six chunks of the store. */
function repo(seed: number): Files {
  const weights = new Uint8Array(6 * 2 ** 20).map((_, at) => (Math.imul(at + seed, 2_654_435_761) >>> 13) & 255);
  const config = { model_type: 'gpt2', n_layer: 1, n_head: 2, n_embd: 8, vocab_size: 300, n_positions: 64 };
  return { 'config.json': json(config), 'tokenizer.json': json({ model: {} }), [WEIGHTS]: weights };
}

/** Scripts of the collection and of the model store by path. */
async function scripts(): Promise<Map<string, string>> {
  const entry = { hub: 'src/hub/open-model.ts', poems: 'src/library/poems.ts' };
  const result = await build({ configFile: false, logLevel: 'silent', build: { write: false, target: 'es2022', lib: { entry, formats: ['es'] } } });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((part) => ('output' in part ? part.output : []));
  return new Map(outputs.flatMap((chunk) => (chunk.type === 'chunk' ? [[`/${chunk.fileName.replace(/\.mjs$/, '.js')}`, chunk.code] as const, [`/${chunk.fileName}`, chunk.code] as const] : [])));
}

interface Launched {
  page: Page;
  /** SIGKILL to all of its processes; resolves when they are gone. */
  kill(): Promise<void>;
}

async function launch(profile: string, executable: string, url: string): Promise<Launched> {
  const flags = ['--headless=new', '--no-sandbox', '--no-first-run', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const child: ChildProcess = spawn(executable, [...flags, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const endpoint = await new Promise<string>((done, fail) => {
    let said = '';
    child.stderr!.on('data', (piece) => {
      said += String(piece);
      const address = /listening on (ws:\S+)/.exec(said)?.[1];
      if (address) done(address);
    });
    child.once('exit', () => fail(new Error(`The browser ended at its start: ${said.slice(-500)}`)));
  });
  const browser = await chromium.connectOverCDP(endpoint);
  const page = await browser.contexts()[0]!.newPage();
  const kill = async (): Promise<void> => {
    process.kill(-child.pid!, 'SIGKILL');
    await exited;
    await browser.close().catch(() => undefined);
  };
  try {
    await page.goto(url);
  } catch (error) {
    await kill();
    throw error;
  }
  return { page, kill };
}

type Hub = { openModel(model: string, options: object): Promise<{ info: { sha256: string } }> };
type Poems = { keepPoem(entry: object): Promise<void>; listPoems(): Promise<{ poem: { id: string; text: string } }[]> };

/** Saves and downloads at once until the end; tells each poem that was confirmed. */
async function work(page: Page, site: string, hub: string, round: number, confirmed: (id: string) => void): Promise<void> {
  await page.exposeFunction('confirmed', confirmed);
  await page.evaluate(
    async ({ site, hub, round }) => {
      const { openModel } = (await import(`${site}hub.js`)) as Hub;
      const { keepPoem } = (await import(`${site}poems.js`)) as Poems;
      const { confirmed } = globalThis as unknown as { confirmed(id: string): Promise<void> };
      void openModel(`org/model-${round}`, { hub, base: site }).catch(() => undefined);
      void (async () => {
        for (let count = 0; ; count += 1) {
          const id = `${round}-${count}`;
          await keepPoem({ poem: { id, title: id, text: `text of ${id}`.repeat(20), stanzas: [['a line']], emotion: 'joy', form: 'free', request: {} }, favourite: false, keptAt: new Date().toISOString() });
          await confirmed(id);
        }
      })();
    },
    { site, hub, round },
  );
}

let hub: HubServer;
let site: string;
let close: () => void;
test.beforeAll(async () => {
  hub = await startHub();
  const sources = await scripts();
  const server = createServer((request, response) => {
    const script = sources.get(request.url ?? '');
    response.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script ?? '<!doctype html><title>Kill</title>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  close = () => {
    server.closeAllConnections();
    server.close();
  };
});
test.afterAll(async () => {
  close();
  await hub.stop();
});

test(`fault: the browser is killed ${ROUNDS} times while it saves and downloads; every confirmed poem is there, no half file is used`, async ({}, info) => {
  test.setTimeout(ROUNDS * 30_000);
  const executable = info.project.use.launchOptions?.executablePath ?? chromium.executablePath();
  const profile = await mkdtemp(join(tmpdir(), 'verselet-kill-'));
  const all: string[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const files = repo(round);
      hub.addRepo(`org/model-${round}`, files);
      const { page, kill } = await launch(profile, executable, site);
      const moment = 1 + Math.floor(Math.random() * 40);
      await new Promise<void>((reached, fail) => {
        let count = 0;
        work(page, site, hub.url, round, (id) => {
          all.push(id);
          count += 1;
          if (count === moment) reached();
        }).catch(fail);
      });
      await kill();

      const after = await launch(profile, executable, site);
      const found = await after.page.evaluate(
        async ({ site, hub, round }) => {
          const { openModel } = (await import(`${site}hub.js`)) as Hub;
          const { listPoems } = (await import(`${site}poems.js`)) as Poems;
          const poems = (await listPoems()).map(({ poem }) => poem);
          const model = await openModel(`org/model-${round}`, { hub, base: site });
          return { ids: poems.map(({ id }) => id), whole: poems.every(({ id, text }) => text === `text of ${id}`.repeat(20)), sha256: model.info.sha256 };
        },
        { site, hub: hub.url, round },
      );
      await after.kill();
      expect(all.filter((id) => !found.ids.includes(id)), `lost after kill ${round + 1}, at poem ${moment}`).toEqual([]);
      expect(found).toMatchObject({ whole: true, sha256: sha256(files[WEIGHTS]!) });
    }
    expect(all.length).toBeGreaterThanOrEqual(ROUNDS);
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
});
