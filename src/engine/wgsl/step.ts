import type { Gpt2Config } from '../../convert/types.ts';
import type { Grain } from './grain.ts';
import { type Epilogue, groupColumns, linearShader, rowTile } from './linear.ts';
import { THREADS } from './params.ts';
import { attentionShader, embedShader } from './shaders.ts';
import type { LayerBuffers, LinearBuffers, MatrixBuffers, WeightBuffers } from './weight-buffers.ts';

/** Buffers that a step reads and writes; replaced only when more tokens or positions come than ever before. */
export interface StepBuffers {
  params: GPUBuffer;
  tokens: GPUBuffer;
  /** Physical cache row of each sequence. */
  slots: GPUBuffer;
  /** Residual stream, [tokens, width]. */
  x: GPUBuffer;
  query: GPUBuffer;
  /** Attention's result, [tokens, width]. */
  mixed: GPUBuffer;
  hidden: GPUBuffer;
  logits: GPUBuffer;
  /** One a layer: [slots, capacity, 2, width]. */
  caches: GPUBuffer[];
}

/** How many tokens a step has, and how many rows its head gives. */
export interface StepSize {
  tokens: number;
  headRows: number;
}

interface Dispatch {
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  x: number;
  /** Workgroups along y: the tokens, the head's rows, or tiles of either. */
  y(size: StepSize): number;
}

/** The dispatches of one step, bound to its buffers: 5 a layer and 2. Two variants: for one token, and for several. */
export class StepPlan {
  readonly #single: Dispatch[];
  readonly #several: Dispatch[];

  constructor(pipelines: Pipelines, weights: WeightBuffers, buffers: StepBuffers) {
    this.#single = pipelines.plan(weights, buffers, true);
    this.#several = pipelines.plan(weights, buffers, false);
  }

  get dispatches(): number {
    return this.#single.length;
  }

  encode(pass: GPUComputePassEncoder, size: StepSize): void {
    const dispatches = size.tokens === 1 ? this.#single : this.#several;
    for (const { pipeline, group, x, y } of dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(x, y(size));
    }
  }
}

/** Compiled kernels of one model shape; matrices of the same shape share a pipeline. */
export class Pipelines {
  #device: GPUDevice;
  #config: Gpt2Config;
  #grain: Grain['linear'];
  #compiled = new Map<string, GPUComputePipeline>();

  constructor(device: GPUDevice, config: Gpt2Config, grain: Grain['linear']) {
    this.#grain = grain;
    this.#device = device;
    this.#config = config;
  }

  plan(weights: WeightBuffers, buffers: StepBuffers, single: boolean): Dispatch[] {
    const { width, heads, context } = this.#config;
    const { params, tokens, slots, x, query, mixed } = buffers;
    const embedding = weights.wte;
    const embed = this.#dispatch(embedShader({ ...embedding, width }), [params, embedding.weights, embedding.scales, weights.wpe, tokens, x], Math.ceil(width / THREADS), (size) => size.tokens);
    const attention = attentionShader({ width, heads, context });
    const layers = weights.layers.flatMap((layer, index) => {
      const cache = buffers.caches[index]!;
      return [
        this.#linear(layer.qkv, { epilogue: 'qkv', single, norm: layer.ln1, input: x, output: query, cache, buffers }),
        this.#dispatch(attention, [params, query, cache, slots, mixed], heads, (size) => size.tokens),
        ...this.#mlp(layer, buffers, single),
      ];
    });
    const head = this.#linear(weights.head, { epilogue: 'logits', single, norm: weights.lnF, input: x, output: buffers.logits, buffers });
    return [embed, ...layers, head];
  }

  #mlp(layer: LayerBuffers, buffers: StepBuffers, single: boolean): Dispatch[] {
    const { x, mixed, hidden } = buffers;
    return [
      this.#linear(layer.proj, { epilogue: 'residual', single, input: mixed, output: x, buffers }),
      this.#linear(layer.up, { epilogue: 'gelu', single, norm: layer.ln2, input: x, output: hidden, buffers }),
      this.#linear(layer.down, { epilogue: 'residual', single, input: hidden, output: x, buffers }),
    ];
  }

  #linear(
    matrix: MatrixBuffers | LinearBuffers,
    use: { epilogue: Epilogue; single: boolean; norm?: GPUBuffer; input: GPUBuffer; output: GPUBuffer; cache?: GPUBuffer; buffers: StepBuffers },
  ): Dispatch {
    const { epilogue, single, norm, input, output, cache, buffers } = use;
    const { kind, rows: n, cols: k, block, weights, scales } = matrix;
    const shape = { kind, k, n, block, norm: norm !== undefined, epsilon: this.#config.layerNormEpsilon, epilogue, ...this.#grain };
    const tile = single ? 1 : rowTile(shape);
    const code = linearShader({ ...shape, tile });
    const bias = 'bias' in matrix ? matrix.bias : undefined;
    const bindings = [buffers.params, weights, scales, bias, norm, input, output, cache, cache && buffers.slots];
    const rows = epilogue === 'logits' ? (size: StepSize) => size.headRows : (size: StepSize) => size.tokens;
    return this.#dispatch(code, bindings, Math.ceil(n / groupColumns(shape)), (size) => Math.ceil(rows(size) / tile));
  }

  #dispatch(code: string, bindings: (GPUBuffer | undefined)[], x: number, y: Dispatch['y']): Dispatch {
    const pipeline = this.compile(code);
    const entries = bindings.flatMap((buffer, binding) => (buffer ? [{ binding, resource: { buffer } }] : []));
    return { pipeline, group: this.#device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }), x, y };
  }

  compile(code: string): GPUComputePipeline {
    const known = this.#compiled.get(code);
    if (known) return known;
    const module = this.#device.createShaderModule({ code });
    const pipeline = this.#device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
    this.#compiled.set(code, pipeline);
    return pipeline;
  }
}
