/** llama.cpp in WebAssembly, from a GGUF file of the same weights. */
import { Wllama } from '@wllama/wllama/esm/index.js';
import { type Contender, fetchBytes, type Place, promptIds, type Run } from './contender.ts';

export interface WllamaOptions extends Place {
  precision: 'F32' | 'Q8_0';
  /** Address of wllama.wasm on our server. */
  wasm: string;
  context: number;
}

const silent = { debug: () => {}, log: () => {}, warn: () => {}, error: () => {} };

/** Plain words, one token or two each; the exact number hardly matters beside the tokens that are generated. */
function promptText(prompt: number): string {
  const words = ['sea', 'sun', 'day', 'rain', 'wind', 'hill', 'star', 'road'];
  return promptIds(prompt).map((id) => words[id % words.length]).join(' ');
}

/** Bytes that wllama takes at once. */
const PIECE = 1 << 20;

/**
 * A file that stays in the page's memory, read piece by piece. A Blob of half a gigabyte lies in the browser's own store
 * instead, which may have no room for it: then every read of it is a NotReadableError.
 */
class HeldFile extends Blob {
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    super();
    this.#bytes = bytes;
  }

  override get size(): number {
    return this.#bytes.length;
  }

  override slice(from = 0, to = this.size): Blob {
    return new HeldFile(this.#bytes.subarray(from, to));
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    let at = 0;
    return new ReadableStream({
      pull: (controller) => {
        if (at >= this.size) return controller.close();
        // A copy: wllama gives its pieces away.
        controller.enqueue(this.#bytes.slice(at, at + PIECE));
        at += PIECE;
      },
    });
  }
}

export async function openWllama({ models, model, precision, wasm, context }: WllamaOptions): Promise<Contender> {
  const wllama = new Wllama({ default: wasm }, { suppressNativeLog: true, logger: silent });
  const file = await fetchBytes(`${models}${model}/${precision}.gguf`);
  await wllama.loadModel([new HeldFile(file)], { n_ctx: context, n_threads: 1, n_gpu_layers: 0 });
  return {
    async run(prompt, count): Promise<Run> {
      const start = performance.now();
      const options = { prompt: promptText(prompt), max_tokens: count, temperature: 0, ignore_eos: true, cache_prompt: false };
      const answer = await wllama.createCompletion(options as never);
      const ms = performance.now() - start;
      const { timings, usage } = answer as { timings?: { predicted_n: number }; usage?: { completion_tokens: number } };
      return { ms, tokens: timings?.predicted_n ?? usage?.completion_tokens ?? count };
    },
    close: () => wllama.exit(),
  };
}
