interface NetworkInformation {
  saveData?: boolean;
  type?: string;
}

/** Whether the connection is known to be paid by the byte, or the reader asked to save data. */
export function isMetered(): boolean {
  const connection = (navigator as Navigator & { connection?: NetworkInformation }).connection;
  return connection?.saveData === true || connection?.type === 'cellular';
}
