/** Everything that a composer worker runs. */
import { WorkerHost } from './host.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import { ComposerService } from './service.ts';

/** Answers the page's messages in this worker from now on, and says hello. */
export function startHost(): void {
  const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
  const host = new WorkerHost(
    new ComposerService({ onDeviceLost: (message) => scope.postMessage({ v: PROTOCOL_VERSION, kind: 'device-lost', message }) }),
    (message) => scope.postMessage(message),
  );
  scope.addEventListener('message', (event) => host.receive(event.data));
  scope.postMessage({ v: PROTOCOL_VERSION, kind: 'hello' });
}
