/** The work of one download: resume, transfer, restart, verify. */

import { VerseletError } from '../errors.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { DownloadContext, RemoteFile, Verified } from './download.ts';
import { hostOf, openTransfer, refuseHtml } from './http.ts';
import { RetryBudget, Transient } from './retry.ts';
import type { Sink } from './sink.ts';
import { CHUNK } from './store.ts';

/** Stored bytes count as a mixture: storage can rot, and then the network has the cure. */
const STORED_SOURCE = 2;

/** One file on its way into a sink, and behind it into the store. */
export class FileDownload {
  readonly #context: DownloadContext;
  readonly #file: RemoteFile;
  readonly #sink: Sink;
  readonly #writer: ChunkWriter;
  #etag: string | null = null;
  /** Connections and visits that contributed: a mixture gets a second chance when its hash is wrong. */
  #sources = 0;
  #restarts = 0;

  constructor(context: DownloadContext, file: RemoteFile, sink: Sink) {
    this.#context = context;
    this.#file = file;
    this.#sink = sink;
    this.#writer = new ChunkWriter(context.store, file.key, sink, context.onWriteFailure);
  }

  async run(): Promise<Verified> {
    await this.#resume();
    for (;;) {
      if (this.#file.size === undefined || this.#sink.length !== this.#file.size) await this.#transferAll();
      // Before the hash: a sink that hashes as it goes has only one digest.
      await this.#writer.finish();
      this.#verifying();
      const sha256 = await this.#sink.sha256();
      if (this.#file.sha256 === undefined || sha256 === this.#file.sha256) {
        return this.#writer.failure === undefined ? { sha256 } : { sha256, notKept: this.#writer.failure };
      }
      await this.#restart('does not have the announced sha256');
    }
  }

  /** Takes over what an earlier visit or another tab stored. */
  async #resume(): Promise<void> {
    const { store } = this.#context;
    const { key, size, url } = this.#file;
    if (!store.persistent) return;
    let overflow = false;
    await store.readChunks(key, (bytes, at) => {
      if (size !== undefined && this.#sink.length + bytes.byteLength > size) overflow = true;
      else {
        this.#sink.append(bytes);
        this.#sink.stored(at / CHUNK);
      }
    });
    if (overflow) await this.#forget();
    const staging = await store.staging(key);
    if (staging?.url === url) this.#etag = staging.etag;
    if (this.#sink.length > 0) this.#sources = STORED_SOURCE;
    this.#writer.follow();
    this.#progress(0);
  }

  async #transferAll(): Promise<void> {
    const { net } = this.#context;
    const budget = new RetryBudget(net.clock, net.signal);
    for (;;) {
      try {
        return await this.#transfer(budget);
      } catch (failure) {
        await this.#writer.salvage();
        // All there, though the connection broke afterwards (a Content-Length that is too large): the hash decides.
        if (failure instanceof Transient && this.#sink.length === this.#file.size) return;
        await budget.spend(failure);
      }
    }
  }

  /** One connection: returns when the file's end was reached. */
  async #transfer(budget: RetryBudget): Promise<void> {
    const { net } = this.#context;
    const { url, path, size } = this.#file;
    const from = this.#sink.length;
    // A lone `bytes=n-` needs no CORS preflight; If-Range would.
    const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
    const transfer = await openTransfer(net, url, path, { headers, cache: 'no-store', accept: [416] });
    try {
      await this.#begin(transfer.response, from);
      this.#sources += 1;
      for (let piece = await transfer.read(); piece !== undefined; piece = await transfer.read()) {
        budget.progressed();
        if (size !== undefined && this.#sink.length + piece.byteLength > size) {
          await this.#restart('is longer than announced');
          throw this.#again();
        }
        this.#sink.append(piece);
        this.#progress(piece.byteLength);
        await this.#writer.push();
      }
    } finally {
      transfer.close();
    }
    if (size !== undefined && this.#sink.length < size) {
      const message = `${hostOf(url)} ended ${path} after ${this.#sink.length} of ${size} bytes.`;
      throw new Transient(new VerseletError('integrity', message));
    }
  }

  /** Judges the head of an answer: whether it goes on where we are, and is still the same file. */
  async #begin(response: Response, from: number): Promise<void> {
    const { path, sha256 } = this.#file;
    if (response.status === 416) {
      await this.#restart('is shorter than announced');
      throw this.#again();
    }
    refuseHtml(response, path);
    const etag = response.headers.get('etag')?.replace(/^W\//, '') ?? null;
    if (from > 0 && etag !== null && this.#etag !== null && etag !== this.#etag) {
      // With a known hash a second change may be a CDN's whim: the hash decides in the end.
      if (sha256 === undefined || this.#restarts === 0) {
        await this.#restart('changed during the download');
        throw this.#again();
      }
    }
    if (from > 0 && !continuesAt(response, from)) await this.#rewind();
    if (etag !== this.#etag || from === 0) await this.#stage(etag);
  }

  async #stage(etag: string | null): Promise<void> {
    const { store } = this.#context;
    this.#etag = etag;
    if (!store.persistent || this.#writer.failure !== undefined) return;
    try {
      await store.stage(this.#file.key, { url: this.#file.url, size: this.#file.size ?? null, etag });
    } catch (error) {
      if (!(error instanceof VerseletError)) throw error;
      this.#writer.failure = error;
      if (error.code === 'quota' && this.#context.onWriteFailure === 'throw') throw error;
    }
  }

  /** Everything from the first byte, once. @throws VerseletError `integrity` the second time. */
  async #restart(what: string): Promise<void> {
    const { path, url } = this.#file;
    const pure = this.#sources <= 1;
    await this.#forget();
    this.#restarts += 1;
    if (this.#restarts > 1 || (pure && what.includes('sha256'))) {
      throw new VerseletError('integrity', `${path} from ${hostOf(url)} ${what}.`);
    }
    this.#sources = 0;
  }

  async #forget(): Promise<void> {
    await this.#rewind();
    this.#etag = null;
    // A store that fails to forget will be seen through by the hash.
    if (this.#context.store.persistent) await this.#context.store.dropFile(this.#file.key).catch(() => undefined);
  }

  async #rewind(): Promise<void> {
    await this.#writer.rewind();
    this.#sink.reset();
  }

  /** A small file is compared in no time, which is not worth a word. */
  #verifying(): void {
    const { meter, net } = this.#context;
    if (this.#file.sha256 !== undefined && this.#sink.length >= CHUNK) meter.verifying(this.#file.path, net.clock.now());
  }

  #again(): Transient {
    return new Transient(new VerseletError('integrity', `${this.#file.path} changes while it is downloaded.`));
  }

  #progress(network: number): void {
    const { meter, net } = this.#context;
    meter.advance(this.#file.path, this.#sink.length, network, net.clock.now());
  }
}

/** Whether the body starts at byte `from`; where CORS hides Content-Range, status 206 is the evidence. */
function continuesAt(response: Response, from: number): boolean {
  if (response.status !== 206) return false;
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return start === undefined || Number(start) === from;
}
