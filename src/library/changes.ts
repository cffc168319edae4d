/** Tells every tab of the page that the collection has changed. */

const NAME = 'verselet-poems';
/** Changes that follow one another this closely are told once more, after the last of them. */
const QUIET_MS = 100;

const listeners = new Set<() => void>();
let channel: BroadcastChannel | undefined;
let quiet: ReturnType<typeof setTimeout> | undefined;
let more = false;

function tellHere(): void {
  for (const listener of listeners) listener();
}

/** Where there is none, the other tabs learn of a change when they read the collection again. */
function openChannel(): BroadcastChannel | undefined {
  if (channel || !('BroadcastChannel' in globalThis)) return channel;
  channel = new BroadcastChannel(NAME);
  channel.addEventListener('message', tellHere);
  // An open channel would keep Node alive.
  (channel as { unref?(): void }).unref?.();
  return channel;
}

function tell(): void {
  tellHere();
  openChannel()?.postMessage(null);
}

/** To be called after every change: the first is told at once, for a tab may be closed after it. */
export function collectionChanged(): void {
  if (quiet === undefined) tell();
  else {
    clearTimeout(quiet);
    more = true;
  }
  quiet = setTimeout(() => {
    quiet = undefined;
    if (more) tell();
    more = false;
  }, QUIET_MS);
}

/** Listens for changes made here and in other tabs. @returns the function that ends it. */
export function watchCollection(listener: () => void): () => void {
  openChannel();
  listeners.add(listener);
  return () => listeners.delete(listener);
}
