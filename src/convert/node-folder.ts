/** Model folders on a disk, for Node only. */
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteSource } from './types.ts';
import type { ModelSource } from './convert-folder.ts';
import { unsupported } from './bytes.ts';

/** A folder as a model's source; `close` closes the files that were opened. */
export function folderSource(folder: string): ModelSource & { close(): Promise<void> } {
  const handles: FileHandle[] = [];
  return {
    read: (path) => readFile(join(folder, path)).catch(absent),
    async open(path) {
      const handle = await open(join(folder, path)).catch(absent);
      if (handle === undefined) return undefined;
      handles.push(handle);
      return fileSource(handle, (await handle.stat()).size);
    },
    async close() {
      await Promise.all(handles.map((handle) => handle.close()));
    },
  };
}

/** Writes files into a folder, which is made where it is missing. */
export function folderWriter(folder: string): (path: string, bytes: Uint8Array) => Promise<void> {
  return async (path, bytes) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, path), bytes);
  };
}

function fileSource(handle: FileHandle, size: number): ByteSource {
  return {
    size,
    fresh: true,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size) throw unsupported('The file ends too early.');
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw unsupported('The file ends too early.');
        done += bytesRead;
      }
      return bytes;
    },
  };
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
