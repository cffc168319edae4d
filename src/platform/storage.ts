/** Room on this device as far as the browser tells; bytes. The numbers are rough, and no promise. */
export interface Room {
  used: number;
  quota: number;
}

export async function estimateRoom(): Promise<Room | undefined> {
  try {
    const { usage, quota } = await navigator.storage.estimate();
    return usage === undefined || quota === undefined ? undefined : { used: usage, quota };
  } catch {
    return undefined;
  }
}

/** Whether the browser has promised not to clear this page's data by itself. */
export async function isPersistent(): Promise<boolean> {
  try {
    return await navigator.storage.persisted();
  } catch {
    return false;
  }
}

/** Asks for that promise; false where it is refused or unknown. */
export async function askPersistence(): Promise<boolean> {
  try {
    return await navigator.storage.persist();
  } catch {
    return false;
  }
}
