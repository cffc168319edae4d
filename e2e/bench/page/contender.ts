/** What every program under test offers the benchmark. */

export interface Run {
  ms: number;
  /** Tokens generated, all rows. */
  tokens: number;
}

export interface Contender {
  /** `count` new tokens greedily after prompt number `prompt`; end-of-text does not stop it. */
  run(prompt: number, count: number): Promise<Run>;
  /** The same tokens without the program's own loop around the runtime, where that is possible. */
  bare?(prompt: number, count: number): Promise<Run>;
  /** Ids of the last run, where the program tells them. */
  tokens?(): number[];
  /** Bytes of WebAssembly memory, where they can be seen. */
  memoryBytes?(): number;
  close(): Promise<void>;
}

export interface Place {
  /** Address of the folder of the benchmark's models, with a slash at its end. */
  models: string;
  model: string;
  device: 'wasm' | 'webgpu';
}

const PROMPT_LENGTH = 8;

/** Ids of plain words, different for each number, so that no contender finds a prompt in its cache. */
export function promptIds(prompt: number): number[] {
  return Array.from({ length: PROMPT_LENGTH }, (_, i) => 300 + ((37 * prompt + 101 * i) % 900));
}

export async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

export async function timed(tokens: number, work: () => Promise<unknown>): Promise<Run> {
  const start = performance.now();
  await work();
  return { ms: performance.now() - start, tokens };
}
