/** WGSL of the decoder's kernels. Each fuses what lies between two points where all threads must meet. */

/** Columns of the output that one workgroup computes. */
export const COLUMNS = 8;
/** Rows (tokens) that share one pass over the weights. */
export const ROW_TILE = 8;
/** Threads of a workgroup. */
export const THREADS = 64;
/** Threads that split one dot product. */
const LANES = THREADS / COLUMNS;

/** Layout of the small buffer that is written before every step; `tokens` and `slots` follow in `STEP_INPUTS`. */
export const PARAMS = /* wgsl */ `
struct Params {
  rows: u32,      // sequences
  steps: u32,     // new positions a sequence
  past: u32,      // positions in the cache before this step
  capacity: u32,  // positions that the cache has room for, a sequence
  headRows: u32,  // rows of the head's output
  headStride: u32, // from one of its rows to the next, in tokens
  headFirst: u32, // token of its first row
  padding: u32,
}
`;

export type WeightKind = 'f32' | 'q4' | 'q8';

/** What a linear layer does with its output. */
export type Epilogue =
  /** Query to its buffer, key and value straight into the cache. */
  | 'qkv'
  /** Added to the residual stream in place. */
  | 'residual'
  | 'gelu'
  | 'logits';

export interface LinearShape {
  kind: WeightKind;
  /** Features in; a multiple of 8. */
  k: number;
  /** Features out. */
  n: number;
  /** Values a scale; a multiple of 8. */
  block: number;
  /** Layer norm of the input before the product. */
  norm: boolean;
  epsilon: number;
  epilogue: Epilogue;
  /** 1 for a single token, {@link ROW_TILE} for several. */
  tile: number;
}

/** The eight weights `unit` of output feature `n`, as two vec4. */
function loadWeights({ kind, k, block }: LinearShape): string {
  const units = k / 8;
  if (kind === 'f32') {
    return `let at = (n * ${units}u + unit) * 2u; let w0 = weights[at]; let w1 = weights[at + 1u];`;
  }
  const blocks = Math.ceil(k / block);
  const padded = (blocks * block) / 8;
  const scale = `let s = n * ${blocks}u + unit / ${block / 8}u; let scale = unpack2x16float(scales[s >> 1u])[s & 1u];`;
  if (kind === 'q4') {
    return `${scale} let p = weights[n * ${padded}u + unit];
      let w0 = (vec4f(vec4u(p, p >> 4u, p >> 8u, p >> 12u) & vec4u(15u)) - 8.0) * scale;
      let w1 = (vec4f(vec4u(p >> 16u, p >> 20u, p >> 24u, p >> 28u) & vec4u(15u)) - 8.0) * scale;`;
  }
  return `${scale} let at = (n * ${padded}u + unit) * 2u; let p0 = weights[at]; let p1 = weights[at + 1u];
      let w0 = (vec4f(vec4u(p0, p0 >> 8u, p0 >> 16u, p0 >> 24u) & vec4u(255u)) - 128.0) * scale;
      let w1 = (vec4f(vec4u(p1, p1 >> 8u, p1 >> 16u, p1 >> 24u) & vec4u(255u)) - 128.0) * scale;`;
}

function epilogueCode({ epilogue, n }: LinearShape): string {
  switch (epilogue) {
    case 'qkv':
      return `let width = ${n / 3}u; let row = token / params.steps; let position = params.past + token % params.steps;
        if (n < width) { out[token * width + n] = value; }
        else { cache[((slots[row] * params.capacity + position) * 2u + n / width - 1u) * width + n % width] = value; }`;
    case 'residual':
      return `out[token * ${n}u + n] += value;`;
    case 'gelu':
      // gelu_new of GPT-2; the clamp keeps tanh from overflowing on adapters that compute it by exp.
      return `let inner = clamp(0.7978845608 * (value + 0.044715 * value * value * value), -15.0, 15.0);
        out[token * ${n}u + n] = 0.5 * value * (1.0 + tanh(inner));`;
    case 'logits':
      return `out[index * ${n}u + n] = value;`;
  }
}

/**
 * Mean and inverse deviation of each input row. One reduction gives both: sums are taken about the row's first value, which
 * keeps the difference of squares exact enough in f32.
 */
const NORM_STATISTICS = (k: number, epsilon: number, tile: number): string => `
  for (var m = 0u; m < count; m++) {
    ${tile > 1 ? 'workgroupBarrier();' : ''}
    let base = inputRow(first + m) * ${k / 4}u;
    let origin = x[base].x;
    var sums2 = vec2f(0.0);
    for (var c = thread; c < ${k / 4}u; c += ${THREADS}u) { let v = x[base + c] - origin; sums2 += vec2f(v.x + v.y + v.z + v.w, dot(v, v)); }
    let moments = reduce(sums2, thread) / ${k}.0;
    means[m] = origin + moments.x;
    spreads[m] = inverseSqrt(max(moments.y - moments.x * moments.x, 0.0) + ${epsilon.toExponential()});
  }
`;

/**
 * Every thread adds up all partial sums by itself: reads of the same place are one, and a barrier costs more than they do
 * (on a software adapter by far). Whoever calls it again must meet at a barrier before.
 */
const REDUCE = /* wgsl */ `
var<workgroup> scratch: array<vec2f, ${THREADS}>;
fn reduce(value: vec2f, thread: u32) -> vec2f {
  scratch[thread] = value;
  workgroupBarrier();
  var total = vec2f(0.0);
  for (var i = 0u; i < ${THREADS}u; i++) { total += scratch[i]; }
  return total;
}
`;

/**
 * y = epilogue(W · norm(x) + bias) for all tokens of the step.
 * Workgroups: [ceil(n / {@link COLUMNS}), ceil(tokens / tile)].
 */
export function linearShader(shape: LinearShape): string {
  const { kind, k, n, norm, epsilon, epilogue, tile } = shape;
  const head = epilogue === 'logits';
  return /* wgsl */ `${PARAMS}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<${kind === 'f32' ? 'vec4f' : 'u32'}>;
${kind === 'f32' ? '' : '@group(0) @binding(2) var<storage, read> scales: array<u32>;'}
${head ? '' : '@group(0) @binding(3) var<storage, read> bias: array<f32>;'}
${norm ? '@group(0) @binding(4) var<storage, read> gain: array<vec4f>;' : ''}
@group(0) @binding(5) var<storage, read> x: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;
${epilogue === 'qkv' ? '@group(0) @binding(7) var<storage, read_write> cache: array<f32>;\n@group(0) @binding(8) var<storage, read> slots: array<u32>;' : ''}
${REDUCE}
var<workgroup> products: array<f32, ${THREADS * tile}>;

fn inputRow(index: u32) -> u32 { return ${head ? 'params.headFirst + index * params.headStride' : 'index'}; }

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first = group.y * ${tile}u;
  let total = ${head ? 'params.headRows' : 'params.rows * params.steps'};
  let count = min(${tile}u, total - first);
  ${norm ? `var means: array<f32, ${tile}>; var spreads: array<f32, ${tile}>;${NORM_STATISTICS(k, epsilon, tile)}` : ''}
  let lane = thread % ${LANES}u;
  let n = group.x * ${COLUMNS}u + thread / ${LANES}u;
  var sums: array<f32, ${tile}>;
  if (n < ${n}u) {
    for (var unit = lane; unit < ${k / 8}u; unit += ${LANES}u) {
      ${loadWeights(shape)}
      ${norm ? `let g0 = gain[unit * 2u]; let g1 = gain[unit * 2u + 1u]; let b0 = gain[${k / 4}u + unit * 2u]; let b1 = gain[${k / 4}u + unit * 2u + 1u];` : ''}
      for (var m = 0u; m < count; m++) {
        let at = inputRow(first + m) * ${k / 4}u + unit * 2u;
        ${norm ? 'let x0 = (x[at] - means[m]) * spreads[m] * g0 + b0; let x1 = (x[at + 1u] - means[m]) * spreads[m] * g1 + b1;' : 'let x0 = x[at]; let x1 = x[at + 1u];'}
        sums[m] += dot(w0, x0) + dot(w1, x1);
      }
    }
  }
  for (var m = 0u; m < count; m++) { products[thread * ${tile}u + m] = sums[m]; }
  workgroupBarrier();
  // Each lane finishes some of the tokens of its column.
  for (var m = lane; m < count; m += ${LANES}u) {
    if (n < ${n}u) {
      var value = ${head ? '0.0' : 'bias[n]'};
      for (var l = 0u; l < ${LANES}u; l++) { value += products[((thread - lane) + l) * ${tile}u + m]; }
      let index = first + m;
      let token = inputRow(index);
      ${epilogueCode(shape)}
    }
  }
}`;
}

/** x[token] = wte[id] + wpe[position]. Workgroups: [ceil(width / {@link THREADS}), tokens]. */
export function embedShader(shape: { kind: WeightKind; width: number; block: number }): string {
  const { kind, width, block } = shape;
  const blocks = Math.ceil(width / block);
  const read = {
    f32: `let value = weights[id * ${width}u + c];`,
    q4: `let at = id * ${blocks * block}u + c; let value = f32((weights[at >> 3u] >> ((at & 7u) * 4u)) & 15u) - 8.0;`,
    q8: `let at = id * ${blocks * block}u + c; let value = f32((weights[at >> 2u] >> ((at & 3u) * 8u)) & 255u) - 128.0;`,
  }[kind];
  const scaled =
    kind === 'f32'
      ? 'value'
      : `value * unpack2x16float(scales[(id * ${blocks}u + c / ${block}u) >> 1u])[(id * ${blocks}u + c / ${block}u) & 1u]`;
  return /* wgsl */ `${PARAMS}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<${kind === 'f32' ? 'f32' : 'u32'}>;
${kind === 'f32' ? '' : '@group(0) @binding(2) var<storage, read> scales: array<u32>;'}
@group(0) @binding(3) var<storage, read> wpe: array<f32>;
@group(0) @binding(4) var<storage, read> tokens: array<u32>;
@group(0) @binding(5) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) at: vec3u) {
  let c = at.x;
  let token = at.y;
  if (c >= ${width}u) { return; }
  let id = tokens[token];
  let position = params.past + token % params.steps;
  ${read.replaceAll('let at = id', 'let place = id').replaceAll('at >> ', 'place >> ').replaceAll('(at & ', '(place & ')}
  x[token * ${width}u + c] = ${scaled} + wpe[position * ${width}u + c];
}`;
}

/** Causal attention over the cache. Workgroups: [heads, tokens]. */
export function attentionShader({ width, heads, context }: { width: number; heads: number; context: number }): string {
  const size = width / heads;
  return /* wgsl */ `${PARAMS}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> query: array<f32>;
@group(0) @binding(2) var<storage, read> cache: array<f32>;
@group(0) @binding(3) var<storage, read> slots: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
${REDUCE}
var<workgroup> scores: array<f32, ${context}>;
var<workgroup> q: array<f32, ${size}>;

fn reduceMax(value: f32, thread: u32) -> f32 {
  scratch[thread].x = value;
  workgroupBarrier();
  var top = scratch[0].x;
  for (var i = 1u; i < ${THREADS}u; i++) { top = max(top, scratch[i].x); }
  // The sum uses the same memory next.
  workgroupBarrier();
  return top;
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let head = group.x;
  let token = group.y;
  let row = token / params.steps;
  let length = params.past + token % params.steps + 1u;
  let base = slots[row] * params.capacity * ${2 * width}u + head * ${size}u;
  for (var d = thread; d < ${size}u; d += ${THREADS}u) { q[d] = query[token * ${width}u + head * ${size}u + d] * ${1 / Math.sqrt(size)}; }
  workgroupBarrier();
  var top = -3.0e38;
  for (var j = thread; j < length; j += ${THREADS}u) {
    let key = base + j * ${2 * width}u;
    var score = 0.0;
    for (var d = 0u; d < ${size}u; d++) { score += q[d] * cache[key + d]; }
    scores[j] = score;
    top = max(top, score);
  }
  let highest = reduceMax(top, thread);
  var sum = 0.0;
  for (var j = thread; j < length; j += ${THREADS}u) {
    let weight = exp(scores[j] - highest);
    scores[j] = weight;
    sum += weight;
  }
  let total = reduce(vec2f(sum, 0.0), thread).x;
  for (var d = thread; d < ${size}u; d += ${THREADS}u) {
    var value = 0.0;
    for (var j = 0u; j < length; j++) { value += scores[j] * cache[base + j * ${2 * width}u + ${width}u + d]; }
    out[token * ${width}u + head * ${size}u + d] = value / total;
  }
}`;
}

/** Copies the first `past` positions of cache rows: pairs (from, to) in `moves`. Workgroups: [ceil(values / 64 / 16), pairs]. */
export function copyRowsShader(width: number): string {
  return /* wgsl */ `${PARAMS}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> moves: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> cache: array<f32>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let pair = moves[group.y];
  let size = params.capacity * ${2 * width}u;
  let used = params.past * ${2 * width}u;
  for (var i = group.x * ${THREADS}u + thread; i < used; i += groups.x * ${THREADS}u) { cache[pair.y * size + i] = cache[pair.x * size + i]; }
}`;
}
