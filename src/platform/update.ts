/** A new version that waits; `apply` lets it take over and reloads the page. */
export interface WaitingUpdate {
  apply(): void;
}

const CHECK_EVERY_MS = 60 * 60 * 1000;

/**
 * Registers the service worker, and tells of versions that wait. A new version never takes over by itself.
 * @param url of the worker; its folder is its scope.
 * @returns whether a worker is there: not in an insecure context, nor where the reader has forbidden it.
 */
export async function watchUpdates(
  url: string,
  events: { onOffline(): void; onUpdate(update: WaitingUpdate): void },
): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false;
  const container = navigator.serviceWorker;
  const hadController = container.controller !== null;
  let reloading = false;
  const offer = (worker: ServiceWorker) => {
    events.onUpdate({
      apply: () => {
        reloading = true;
        worker.postMessage({ type: 'skip-waiting' });
      },
    });
  };
  // Only a reload that was asked for: the first worker to take control must not interrupt anybody.
  container.addEventListener('controllerchange', () => reloading && location.reload());
  try {
    const registration = await container.register(url, { type: 'classic', updateViaCache: 'none' });
    if (registration.waiting && hadController) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => {
        if (installing.state === 'installed' && container.controller) offer(installing);
        if (installing.state === 'activated' && !hadController && !reloading) events.onOffline();
      });
    });
    setInterval(() => void registration.update().catch(() => undefined), CHECK_EVERY_MS);
    return true;
  } catch {
    return false;
  }
}

/** After a first poem: what it needed is kept, so that the next visit needs no network. */
export async function keepForOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ type: 'keep-runtime' });
}
