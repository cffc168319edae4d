import { expect, it } from 'vitest';
import { Foresight } from './foresight.ts';

/** A network that notes what is asked of it, and whether that was stopped. */
function network() {
  const asked: { url: string; signal: AbortSignal }[] = [];
  const fetchFile: typeof fetch = async (input, init) => {
    asked.push({ url: String(input), signal: init!.signal! });
    return new Response(String(asked.length));
  };
  return { asked, fetchFile };
}

const init = (): RequestInit & { signal: AbortSignal } => ({ signal: new AbortController().signal });

it('gives a foreseen answer once, and asks again after that', async () => {
  const { asked, fetchFile } = network();
  const foresight = new Foresight(fetchFile);
  foresight.send('http://a/1', {});
  expect(asked).toHaveLength(1);
  expect(await (await foresight.fetch('http://a/1', init())).text()).toBe('1');
  expect(await (await foresight.fetch('http://a/1', init())).text()).toBe('2');
  expect(await (await foresight.fetch('http://a/2', init())).text()).toBe('3');
});

it('stops the early request with the one that took it over', async () => {
  const { asked, fetchFile } = network();
  const foresight = new Foresight(fetchFile);
  foresight.send('http://a/1', {});
  const controller = new AbortController();
  await foresight.fetch('http://a/1', { signal: controller.signal });
  controller.abort();
  expect(asked[0]!.signal.aborted).toBe(true);
});

it('tells who asks of a failure, and nobody else; what nobody asked for is stopped', async () => {
  const refusing = new Foresight(() => Promise.reject(new TypeError('offline')));
  refusing.send('http://a/1', {});
  await expect(refusing.fetch('http://a/1', init())).rejects.toThrow('offline');
  const { asked, fetchFile } = network();
  const foresight = new Foresight(fetchFile);
  foresight.send('http://a/1', {});
  foresight.close();
  expect(asked[0]!.signal.aborted).toBe(true);
});
