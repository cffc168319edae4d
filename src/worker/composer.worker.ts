/**
 * The worker's entry, and nothing but the door: WebKit runs a worker's entry again when a script of the worker imports it,
 * and the bundler puts what scripts share into the entry of all that it reaches without a dynamic import.
 */
import('./start-host.ts')
  .then(({ startHost }) => startHost())
  // Thrown where the page sees it: what fails inside a promise does not reach the worker's `error` event.
  .catch((error) => setTimeout(() => { throw error; }));
