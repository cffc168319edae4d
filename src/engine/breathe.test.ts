import { expect, it } from 'vitest';
import { createBreather } from './breathe.ts';

it('lets other tasks run when time has passed, and only then', async () => {
  let clock = 0;
  const breathe = createBreather(() => clock);
  const heard: string[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', ({ data }) => heard.push(data as string));
  port1.start();
  port2.postMessage('stop');
  await breathe();
  expect(heard).toEqual([]);
  clock = 1000;
  // A message needs a task of its own to arrive; two breaths are two tasks.
  await breathe();
  clock = 2000;
  await breathe();
  expect(heard).toEqual(['stop']);
  port1.close();
});
