/**
 * The browser is killed, as by a power cut, while it saves poems, and downloads and packs a model. `VERSELET_SOAK=1`:
 * twenty times.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page, chromium, expect, test } from 'playwright/test';
import { build } from 'vite';
import { memoryKeyValue } from '../src/hub/key-value.ts';
import { openModel } from '../src/hub/open-model.ts';
import { ModelStore } from '../src/hub/store.ts';
import { type Files, type HubServer, readFolder, startHub } from './hub-server.ts';

const ROUNDS = process.env.VERSELET_SOAK ? 20 : 4;
/** What is going on when the power is cut; the rounds take them in turn. */
const MOMENTS = ['save', 'download', 'pack'] as const;
const WEIGHTS = 'model.safetensors';
const SOURCE = readFolder('public/models/verse-nano');

/** A checkpoint that is packed here; the lowest bits of one weight make it another one each round. */
function repo(round: number): Files {
  const weights = SOURCE[WEIGHTS]!.slice();
  weights[weights.length - 4]! ^= round + 1;
  const { 'config.json': config, 'tokenizer.json': tokenizer } = SOURCE;
  return { 'config.json': config!, 'tokenizer.json': tokenizer!, [WEIGHTS]: weights };
}

/** Hash of the packed form, as this process makes it. */
async function packedHash(id: string): Promise<string> {
  const clock = { now: () => 0, random: () => 0, wait: () => Promise.resolve(), after: () => () => undefined };
  const store = new ModelStore(memoryKeyValue(true), clock);
  return (await openModel(id, { hub: hub.url, base: 'http://127.0.0.1:9/', store, locks: null })).info.sha256;
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

interface Told {
  /** A poem is saved: its promise has been kept. */
  confirmed(id: string): void;
  /** What the model is at. */
  phase(phase: string): void;
}

/** Saves, downloads and packs at once until the end. */
async function work(page: Page, site: string, hub: string, round: number, { confirmed, phase }: Told): Promise<void> {
  await page.exposeFunction('confirmed', confirmed);
  await page.exposeFunction('phase', phase);
  await page.evaluate(
    async ({ site, hub, round }) => {
      const { openModel } = (await import(`${site}hub.js`)) as Hub;
      const { keepPoem } = (await import(`${site}poems.js`)) as Poems;
      const { confirmed, phase } = globalThis as unknown as { confirmed(id: string): Promise<void>; phase(phase: string): Promise<void> };
      void openModel(`org/model-${round}`, { hub, base: site, onProgress: (progress: { phase: string }) => void phase(progress.phase) }).then(
        () => phase('done'),
        (error: unknown) => phase(`failed: ${String(error)}`),
      );
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

test(`fault: the browser is killed ${ROUNDS} times while it saves, downloads and packs; every confirmed poem is there, no half file is used`, async ({}, info) => {
  test.setTimeout(ROUNDS * 30_000);
  const executable = info.project.use.launchOptions?.executablePath ?? chromium.executablePath();
  const profile = await mkdtemp(join(tmpdir(), 'verselet-kill-'));
  const all: string[] = [];
  const kills: Record<string, number> = {};
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = `org/model-${round}`;
      hub.addRepo(id, repo(round));
      const packed = await packedHash(id);
      const { page, kill } = await launch(profile, executable, site);
      const wanted = MOMENTS[round % MOMENTS.length]!;
      const poems = 1 + Math.floor(Math.random() * 40);
      let now = 'save';
      await new Promise<void>((reached, fail) => {
        let count = 0;
        const confirmed = (id: string): void => {
          all.push(id);
          count += 1;
          if (wanted === 'save' && count === poems) reached();
        };
        const phase = (phase: string): void => {
          if (phase.startsWith('failed')) fail(new Error(phase));
          now = phase;
          // Somewhere in it, not at its beginning.
          if (phase === wanted) setTimeout(reached, Math.random() * 150);
          // Over before it was told of: the power is cut all the same.
          if (phase === 'done' && wanted !== 'save') reached();
        };
        work(page, site, hub.url, round, { confirmed, phase }).catch(fail);
      });
      await kill();
      kills[now] = (kills[now] ?? 0) + 1;

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
      expect(all.filter((id) => !found.ids.includes(id)), `lost after kill ${round + 1}, in ${now}`).toEqual([]);
      expect(found).toMatchObject({ whole: true, sha256: packed });
    }
    console.log(`${ROUNDS} kills (${JSON.stringify(kills)}), ${all.length} poems confirmed, all of them there`);
    expect(all.length).toBeGreaterThanOrEqual(ROUNDS);
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
});
