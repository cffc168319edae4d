import type { Server } from 'node:http';

export interface ServeOptions {
  port?: number;
  base?: string;
  plain?: boolean;
  host?: string;
}

/** Starts a static server; `port` 0 takes any free one. */
export function serve(folder: string, options?: ServeOptions): Promise<{ server: Server; url: string }>;
