/**
 * A hub on this machine: speaks the protocol of the public one (revision, tree, resolve with a redirect to a second host),
 * serves model folders from memory or disk, misbehaves as a test tells it to, and writes down what was asked.
 */

import { createHash } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault, FaultKind } from './hub-faults.ts';
import { FaultBox, sendBody } from './hub-faults.ts';
import type { Files } from './hub-files.ts';
import { gitOid, isLfs, readFolder, sha256 } from './hub-files.ts';

export type { Fault, FaultKind };

export type { Files };
export { readFolder, sha256 };

export interface RepoOptions {
  /** 40 hex digits; default made from the id and files. */
  commit?: string;
  /** Branches and tags that point to the commit; default `main`. */
  refs?: string[];
  license?: string;
}

interface Repo {
  commit: string;
  refs: string[];
  license: string | undefined;
  files: Map<string, Uint8Array>;
}

/** One answered request. */
export interface LogEntry {
  server: 'hub' | 'cdn';
  path: string;
  /** First byte asked for; 0 without a Range header. */
  from: number;
  status: number;
  /** Bytes of the body that were sent. */
  sent: number;
}

const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,' +
  'X-Linked-Size,X-Linked-ETag,Retry-After';

export class HubServer {
  readonly log: LogEntry[] = [];
  /** Address of the hub; `hub` option of the tests. */
  url = '';
  /** Address of the second host. */
  cdnUrl = '';
  readonly #repos = new Map<string, Repo>();
  readonly #folders = new Map<string, Files>();
  readonly #faults = new FaultBox();
  readonly #hub: Server = createServer((request, response) => this.#answer('hub', request, response));
  readonly #cdn: Server = createServer((request, response) => this.#answer('cdn', request, response));

  async start(): Promise<this> {
    this.url = `http://127.0.0.1:${await listen(this.#hub)}`;
    this.cdnUrl = `http://localhost:${await listen(this.#cdn)}`;
    return this;
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#cdn]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /** Adds or replaces a repository; files may be changed later through the same call. @returns its commit. */
  addRepo(id: string, files: Files, options: RepoOptions = {}): string {
    const contents = Object.keys(files).map((path) => path + sha256(files[path]!));
    const commit =
      options.commit ??
      createHash('sha1')
        .update(id + contents.join())
        .digest('hex');
    this.#repos.set(id, {
      commit,
      refs: options.refs ?? ['main'],
      license: options.license,
      files: new Map(Object.entries(files)),
    });
    return commit;
  }

  /** Serves files under `{hub}/{prefix}/`, as a static host would; `.json` of `prefix` '' lie at the top. */
  addFolder(prefix: string, files: Files): void {
    this.#folders.set(prefix, files);
  }

  /** The next request that matches gets this fault, `times` times. */
  inject(fault: Fault): void {
    this.#faults.add(fault);
  }

  /** Forgets faults and log, keeps the files. */
  reset(): void {
    this.#faults.clear();
    this.log.length = 0;
  }

  /** Resolves once a `stall` fault has sent its part and fallen silent. */
  stalled(): Promise<void> {
    return this.#faults.stalled();
  }

  /** Requests whose path contains `part`. */
  requests(part: string): LogEntry[] {
    return this.log.filter((entry) => entry.path.includes(part));
  }

  #answer(server: 'hub' | 'cdn', request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://host');
    const path = decodeURIComponent(url.pathname);
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const entry: LogEntry = { server, path, from, status: 200, sent: 0 };
    this.log.push(entry);
    const fault = this.#faults.take(server, path);
    if (fault?.kind !== 'no-cors') {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Access-Control-Expose-Headers', EXPOSED);
      response.setHeader('Timing-Allow-Origin', '*');
    }
    if (request.method === 'OPTIONS') return end(response, entry, 204);
    if (fault?.kind === 'status') {
      if (fault.retryAfter !== undefined) response.setHeader('Retry-After', fault.retryAfter);
      return end(response, entry, fault.status ?? 500, JSON.stringify({ error: 'injected' }));
    }
    if (fault?.kind === 'html') return end(response, entry, 200, '<!doctype html><title>Sign in</title>', 'text/html');
    if (fault?.kind === 'redirect-loop') {
      this.inject({ ...fault, times: 1 });
      response.setHeader('Location', request.url ?? '/');
      return end(response, entry, 302);
    }
    if (server === 'cdn') return this.#cdnFile(url, path, entry, fault, request, response);
    if (path.startsWith('/api/models/')) return this.#api(path, entry, fault, request, response);
    return this.#hubFile(path, entry, fault, request, response);
  }

  #api(
    path: string,
    entry: LogEntry,
    fault: Fault | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const match = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/(.+)$/.exec(path);
    const repo = this.#repos.get(match?.[1] ?? '');
    if (match === null || repo === undefined) return end(response, entry, 404, '{"error":"Repository not found"}');
    if (!isRef(repo, match[3]!)) return end(response, entry, 404, '{"error":"Invalid rev id"}');
    const files = [...repo.files];
    const info = {
      id: match[1],
      sha: repo.commit,
      siblings: files.map(([rfilename]) => ({ rfilename })),
      ...(repo.license !== undefined && { cardData: { license: repo.license }, tags: [`license:${repo.license}`] }),
    };
    const tree = files.map(([path, bytes]) => ({
      type: 'file',
      oid: gitOid(bytes),
      size: bytes.byteLength,
      ...(isLfs(path) && { lfs: { oid: sha256(bytes), size: bytes.byteLength, pointerSize: 134 } }),
      path,
    }));
    const body = Buffer.from(JSON.stringify(match[2] === 'revision' ? info : tree));
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    sendBody({ body, etag: `W/"${sha256(body).slice(0, 12)}"`, request, response, entry, fault, faults: this.#faults });
  }

  #hubFile(
    path: string,
    entry: LogEntry,
    fault: Fault | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    for (const [prefix, files] of this.#folders) {
      const body = path.startsWith(`/${prefix}/`) ? files[path.slice(prefix.length + 2)] : undefined;
      if (body === undefined) continue;
      response.setHeader('Content-Type', path.endsWith('.json') ? 'application/json' : 'application/octet-stream');
      return sendBody({ body, etag: `"${sha256(body)}"`, request, response, entry, fault, faults: this.#faults });
    }
    const match = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const repo = this.#repos.get(match?.[1] ?? '');
    const body = repo !== undefined && isRef(repo, match![2]!) ? repo.files.get(match![3]!) : undefined;
    if (body === undefined || repo === undefined) return end(response, entry, 404, 'Entry not found', 'text/plain');
    response.setHeader('X-Repo-Commit', repo.commit);
    if (!isLfs(path)) {
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      return sendBody({ body, etag: `"${gitOid(body)}"`, request, response, entry, fault, faults: this.#faults });
    }
    response.setHeader('X-Linked-ETag', `"${sha256(body)}"`);
    response.setHeader('X-Linked-Size', body.byteLength);
    const expires = fault?.kind === 'expired' ? 'past' : 'soon';
    response.setHeader('Location', `${this.cdnUrl}/blobs${path}?expires=${expires}`);
    return end(response, entry, 302);
  }

  #cdnFile(
    url: URL,
    path: string,
    entry: LogEntry,
    fault: Fault | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (url.searchParams.get('expires') !== 'soon')
      return end(response, entry, 403, 'Request has expired', 'text/plain');
    const match = /^\/blobs\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(path);
    const body = this.#repos.get(match?.[1] ?? '')?.files.get(match?.[2] ?? '');
    if (body === undefined) return end(response, entry, 404, 'not found', 'text/plain');
    response.setHeader('Content-Type', 'binary/octet-stream');
    return sendBody({
      body,
      etag: `"${sha256(body).slice(0, 32)}"`,
      request,
      response,
      entry,
      fault,
      faults: this.#faults,
    });
  }
}

/** Starts a hub on two free ports. */
export async function startHub(): Promise<HubServer> {
  return new HubServer().start();
}

function isRef(repo: Repo, ref: string): boolean {
  return ref === repo.commit || repo.refs.includes(ref);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

function end(response: ServerResponse, entry: LogEntry, status: number, body = '', type = 'application/json'): void {
  entry.status = status;
  entry.sent = Buffer.byteLength(body);
  if (body !== '') response.setHeader('Content-Type', type);
  response.writeHead(status).end(body);
}
