interface InstallPromptEvent extends Event {
  prompt(): Promise<void>;
  userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

let offered: InstallPromptEvent | undefined;

/** Keeps the browser's offer to install for later; `onOffer` is called when there is one. Returns the end of listening. */
export function watchInstall(onOffer: () => void): () => void {
  const keep = (event: Event) => {
    event.preventDefault();
    offered = event as InstallPromptEvent;
    onOffer();
  };
  addEventListener('beforeinstallprompt', keep);
  return () => removeEventListener('beforeinstallprompt', keep);
}

export function canInstall(): boolean {
  return offered !== undefined;
}

/** Shows the browser's own question; true when the reader said yes. */
export async function install(): Promise<boolean> {
  const event = offered;
  if (!event) return false;
  offered = undefined;
  await event.prompt();
  return (await event.userChoice).outcome === 'accepted';
}
