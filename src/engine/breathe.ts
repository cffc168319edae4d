/** Lets messages in: a worker that only awaits finished promises never hears that it should stop. */

/** Longest time without looking at messages, ms. */
const INTERVAL = 50;

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      // An open port would keep Node alive.
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}

/** A function to await between steps; it hands over to other tasks where the last time was {@link INTERVAL} ms ago. */
export function createBreather(now: () => number = () => performance.now()): () => Promise<void> {
  let last = now();
  return async () => {
    if (now() - last < INTERVAL) return;
    await nextTask();
    last = now();
  };
}
