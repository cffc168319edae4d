/** What came of an offer to share; none of these is an error. */
export type ShareOutcome = 'shared' | 'cancelled' | 'unsupported';

export function canShare(): boolean {
  return typeof navigator.share === 'function';
}

/** Opens the system's share sheet; a picture goes along where the system takes files. */
export async function share(data: { title: string; text: string; url?: string }, picture?: File): Promise<ShareOutcome> {
  if (!canShare()) return 'unsupported';
  const withPicture = picture && navigator.canShare?.({ files: [picture] }) ? { ...data, files: [picture] } : data;
  try {
    await navigator.share(withPicture);
    return 'shared';
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError' ? 'cancelled' : 'unsupported';
  }
}
