/** Files that a test hub serves, and how the hub names their contents. */

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** File contents by path. */
export type Files = Record<string, Uint8Array>;

/** Reads a folder into memory, all levels. */
export function readFolder(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(folder, path).replaceAll('\\', '/'), readFileSync(path)]));
}

/** 64 hex digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The hash that git gives a file. */
export function gitOid(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');
}

/** Whether the hub keeps a file outside git. */
export function isLfs(path: string): boolean {
  return /\.(onnx|onnx_data|safetensors|bin|pt|h5)$/.test(path);
}
