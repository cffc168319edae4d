import { anything, assert, asyncProperty, constantFrom, oneof, record } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VerseletError } from '../errors.ts';
import { Connection } from './connection.ts';
import { WorkerHost } from './host.ts';
import { type FromWorker, isFromWorker, isToWorker } from './protocol.ts';

/** The page's end of a worker that says only what a test lets it say. */
class SilentWorker extends EventTarget {
  readonly sent: { id: number; method: string }[] = [];
  terminated = false;

  postMessage(message: { id: number; method: string }): void {
    this.sent.push(structuredClone(message));
  }

  terminate(): void {
    this.terminated = true;
  }

  say(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  fail(type: 'error' | 'messageerror', message = ''): void {
    this.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), { message }));
  }
}

function connect(): { worker: SilentWorker; connection: Connection } {
  const worker = new SilentWorker();
  return { worker, connection: new Connection(worker as unknown as Worker) };
}

const request = { request: {} as never };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('fault: a worker', () => {
  it('that never says hello is no-device after 20 seconds, and ended', async () => {
    const { worker, connection } = connect();
    const answer = connection.call('compose', request);
    const ended = expect(answer).rejects.toMatchObject({ code: 'no-device', hint: expect.stringContaining('worker-src') });
    await vi.advanceTimersByTimeAsync(20_000);
    await ended;
    expect(worker.terminated).toBe(true);
    await expect(connection.call('compose', request)).rejects.toMatchObject({ code: 'no-device' });
  });

  it('whose script is missing or blocked is no-device at once', async () => {
    const { worker, connection } = connect();
    const answer = connection.call('compose', request);
    worker.fail('error');
    await expect(answer).rejects.toMatchObject({ code: 'no-device' });
    expect(worker.terminated).toBe(true);
  });

  it.each(['error', 'messageerror'] as const)('that dies of %s rejects all that waits, with device-lost', async (type) => {
    const { worker, connection } = connect();
    worker.say({ v: 1, kind: 'hello' });
    const answers = [connection.call('compose', request), connection.call('greedy', { ids: [1], count: 1 })];
    worker.fail(type, 'out of bounds');
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'device-lost' });
    expect(worker.terminated).toBe(true);
  });

  it('that falls silent in the middle of a poem is ended ten seconds after a stop', async () => {
    const { worker, connection } = connect();
    worker.say({ v: 1, kind: 'hello' });
    const controller = new AbortController();
    const answer = connection.call('compose', request, { signal: controller.signal });
    const ended = expect(answer).rejects.toMatchObject({ code: 'device-lost' });
    controller.abort();
    expect(worker.sent.map(({ method }) => method)).toEqual(['compose', 'cancel']);
    await vi.advanceTimersByTimeAsync(10_000);
    await ended;
    expect(worker.terminated).toBe(true);
  });

  it('that is blocked in the middle of a poem is device-lost after a minute without an answer to a ping, and ended', async () => {
    const { worker, connection } = connect();
    worker.say({ v: 1, kind: 'hello' });
    const answer = connection.call('compose', request);
    const ended = expect(answer).rejects.toMatchObject({ code: 'device-lost', message: expect.stringContaining('60 seconds') });
    await vi.advanceTimersByTimeAsync(65_000);
    expect(worker.terminated).toBe(false);
    await vi.advanceTimersByTimeAsync(5_000);
    await ended;
    expect(worker.terminated).toBe(true);
    expect(worker.sent.map(({ method }) => method)).toEqual(['compose', ...Array<string>(6).fill('ping')]);
  });

  it('that is blocked while it opens a model is given two minutes', async () => {
    const { worker, connection } = connect();
    worker.say({ v: 1, kind: 'hello' });
    const ended = expect(connection.call('open', {} as never)).rejects.toMatchObject({ code: 'device-lost' });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(worker.terminated).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    await ended;
  });

  it.each(['alive', 'writing'] as const)('that says %s now and then may compute for an hour; at rest it is left alone', async (kind) => {
    const { worker, connection } = connect();
    worker.say({ v: 1, kind: 'hello' });
    const answer = connection.call('compose', request);
    const { id } = worker.sent[0]!;
    for (let minute = 0; minute < 60; minute += 1) {
      await vi.advanceTimersByTimeAsync(60_000);
      worker.say(kind === 'alive' ? { v: 1, kind } : { v: 1, id, kind, index: minute });
    }
    worker.say({ v: 1, id, kind: 'result', value: 'a poem' });
    expect(await answer).toBe('a poem');
    const said = worker.sent.length;
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(worker.sent).toHaveLength(said);
    expect(worker.terminated).toBe(false);
  });

  it('that works answers a ping between two requests of the page', async () => {
    const posted: FromWorker[] = [];
    const host = new WorkerHost({ answer: () => new Promise(() => undefined) }, (message) => posted.push(message));
    host.receive({ v: 1, id: 1, method: 'models', params: {} });
    host.receive({ v: 1, id: 0, method: 'ping' });
    expect(posted).toEqual([{ v: 1, kind: 'alive' }]);
  });

  it('that answers after it was ended is not heard', async () => {
    const { worker, connection } = connect();
    worker.say({ v: 1, kind: 'hello' });
    const answer = connection.call('models', { base: '' });
    connection.close();
    worker.say({ v: 1, id: worker.sent[0]!.id, kind: 'result', value: { kept: [], catalog: [] } });
    await expect(answer).rejects.toBeInstanceOf(VerseletError);
  });

  it('that is sent what no message can carry is left as it was', async () => {
    const { worker, connection } = connect();
    worker.say({ v: 1, kind: 'hello' });
    await expect(connection.call('compose', { request: { theme: () => 1 } as never })).rejects.toMatchObject({ code: 'bad-request' });
    expect(worker.terminated).toBe(false);
  });
});

/** Anything at all, and things that look much like messages. */
const wire = oneof(
  anything(),
  record({ v: constantFrom(1, 2, '1', null), id: anything(), kind: constantFrom('line', 'result', 'failed', 'hello', 'alive', 'progress', '__proto__', 'toString'), line: anything(), error: anything(), value: anything() }, { requiredKeys: [] }),
  record({ v: constantFrom(1, 2), id: anything(), method: constantFrom('compose', 'open', 'cancel', 'ping', 'constructor', '__proto__'), params: anything() }, { requiredKeys: [] }),
);

describe('fault: a wrong wire', () => {
  it('is never answered by the page with an exception, nor taken for the answer of another call', async () => {
    await assert(
      asyncProperty(wire, async (message) => {
        const { worker, connection } = connect();
        worker.say({ v: 1, kind: 'hello' });
        let settled = false;
        const answer = connection.call('models', { base: '' }).finally(() => (settled = true));
        answer.catch(() => undefined);
        worker.say(message);
        await Promise.resolve();
        const mine = isFromWorker(message) && ('id' in message ? message.id === worker.sent[0]!.id : message.kind === 'device-lost');
        if (!mine) expect(settled).toBe(false);
        connection.close();
      }),
      { numRuns: 300 },
    );
  });

  it('does not stop the worker from answering the next message', async () => {
    await assert(
      asyncProperty(wire, async (message) => {
        const posted: FromWorker[] = [];
        const host = new WorkerHost({ answer: (method) => Promise.resolve(method as never) }, (answer) => posted.push(answer));
        expect(() => host.receive(message)).not.toThrow();
        const id = isToWorker(message) && message.id > 0 ? message.id - 1 : 7;
        host.receive({ v: 1, id, method: 'models', params: {} });
        await vi.advanceTimersByTimeAsync(0);
        expect(posted.at(-1)).toMatchObject({ kind: 'result', id, value: 'models' });
        expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});
