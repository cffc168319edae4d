/** Answers questions about logits on the GPU, in the submit of the step that makes them. */

import type { LogitQuery, LogitReducer, LogitSummary } from '../types.ts';
import { Questions } from './questions.ts';
import type { Readback } from './readback.ts';
import { MOST_LISTED, reduceShader } from './reduce.ts';

/** The backend's side. */
export interface ReducerHost {
  readonly device: GPUDevice;
  readonly vocab: number;
  readonly mostTokens: number;
  /** Of the workgroup that takes a row of logits. */
  readonly threads: number;
  readonly readback: Readback;
  /** Encodes a step that leaves the logits after each token in a buffer, then what `finish` adds, and submits both. */
  run(tokens: Int32Array, finish: (encoder: GPUCommandEncoder, logits: GPUBuffer) => void): void;
  /** A storage buffer of at least so many bytes. */
  buffer(bytes: number): GPUBuffer;
  compile(code: string): GPUComputePipeline;
}

export class WgslReducer implements LogitReducer {
  readonly mostTokens: number;
  readonly mostListed = MOST_LISTED;
  /** Rows of logits that were read after all. */
  rowsRead = 0;
  readonly #host: ReducerHost;
  readonly #questions: Questions;
  /** In the order of the shader's bindings; the logits are the backend's. */
  readonly #buffers: Record<'questions' | 'asked' | 'logits' | 'scores' | 'told', GPUBuffer | undefined>;
  #pipeline: GPUComputePipeline | undefined;
  #group: GPUBindGroup | undefined;

  constructor(host: ReducerHost) {
    this.#host = host;
    this.mostTokens = host.mostTokens;
    this.#questions = new Questions(host.vocab);
    this.#buffers = { questions: undefined, asked: undefined, logits: undefined, scores: undefined, told: undefined };
  }

  async forward(tokens: Int32Array, queries: readonly LogitQuery[]): Promise<LogitSummary[]> {
    const { readback, device, vocab } = this.#host;
    const questions = this.#questions;
    questions.put(queries);
    const { heads, asked, slots, answerBytes } = questions;
    this.#reserve('questions', heads.byteLength);
    this.#reserve('asked', asked.byteLength);
    this.#reserve('scores', 4 * vocab * slots);
    this.#reserve('told', answerBytes);
    device.queue.writeBuffer(this.#buffers.questions!, 0, heads);
    device.queue.writeBuffer(this.#buffers.asked!, 0, asked);
    this.#host.run(tokens, (encoder, logits) => {
      this.#encode(encoder, logits, queries.length);
      readback.copy(encoder, this.#buffers.told!, 0, answerBytes);
    });
    return questions.read(queries, await readback.read(answerBytes));
  }

  async logits(place: number): Promise<Float32Array> {
    this.rowsRead += 1;
    const { readback, device, vocab } = this.#host;
    const encoder = device.createCommandEncoder();
    readback.copy(encoder, this.#buffers.logits!, 4 * vocab * place, 4 * vocab);
    device.queue.submit([encoder.finish()]);
    return new Float32Array(await readback.read(4 * vocab));
  }

  #encode(encoder: GPUCommandEncoder, logits: GPUBuffer, queries: number): void {
    const { compile, device, vocab, threads } = this.#host;
    // Its text is not written anew for every token.
    const pipeline = (this.#pipeline ??= compile(reduceShader(vocab, threads)));
    if (this.#buffers.logits !== logits) this.#group = undefined;
    this.#buffers.logits = logits;
    this.#group ??= device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: Object.values(this.#buffers).map((buffer, binding) => ({ binding, resource: { buffer: buffer! } })),
    });
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#group);
    pass.dispatchWorkgroups(queries);
    pass.end();
  }

  /** Twice what is needed where it grows: rows come and go, and biases become more with every line. */
  #reserve(name: 'questions' | 'asked' | 'scores' | 'told', bytes: number): void {
    const old = this.#buffers[name];
    if (old && old.size >= bytes) return;
    old?.destroy();
    this.#buffers[name] = this.#host.buffer(2 * bytes);
    this.#group = undefined;
  }
}
