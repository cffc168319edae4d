/** WGSL of a linear layer, with the layer norm before it and what is done with its output. */

import { PARAMS } from './params.ts';

/** Weights that a thread takes at once, where the shape allows it: one 4-bit block is one load and one scale. */
const SPAN = 32;
/** Normalised input that a workgroup keeps at most, bytes; more of it would leave a GPU room for few workgroups. */
const KEPT = 12_288;
/** Threads that add up a row's moments. */
const ADDERS = 16;

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
  /** Rows (tokens) that share one pass over the weights: a power of 2, see {@link rowTile}. */
  tile: number;
  /** Threads of a workgroup. */
  threads: number;
  /** Threads of them that split one dot product. */
  lanes: number;
  /** Columns of the output that one thread computes. */
  columns: number;
}

/** Columns of the output that one workgroup computes. */
export function groupColumns({ threads, lanes, columns }: Pick<LinearShape, 'threads' | 'lanes' | 'columns'>): number {
  return (threads / lanes) * columns;
}

/** Rows of a workgroup where there are several: 8, or as many as it can keep normalised. */
export function rowTile({ k, norm }: Pick<LinearShape, 'k' | 'norm'>): number {
  let tile = 8;
  if (norm) while (tile > 1 && tile * k * 4 > KEPT) tile /= 2;
  return tile;
}

const times = (count: number, line: (i: number) => string): string => Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** Mean and inverse deviation of each row, and the rows normalised, in `normed`. */
function normCode({ k, epsilon, tile, threads: all }: LinearShape): string {
  const threads = all / tile;
  const adders = Math.min(ADDERS, threads);
  // Sums are taken about the row's first value, which keeps the difference of squares exact enough in f32.
  return `
  {
    let m = thread / ${threads}u;
    let place = thread % ${threads}u;
    let base = inputRow(min(first + m, total - 1u)) * ${k / 4}u;
    let origin = x[base].x;
    if (place < ${adders}u) {
      var moments = vec2f(0.0);
      for (var c = place; c < ${k / 4}u; c += ${adders}u) { let v = x[base + c] - origin; moments += vec2f(v.x + v.y + v.z + v.w, dot(v, v)); }
      partial[m * ${adders}u + place] = moments;
    }
    workgroupBarrier();
    var moments = vec2f(0.0);
    for (var i = 0u; i < ${adders}u; i++) { moments += partial[m * ${adders}u + i]; }
    moments /= ${k}.0;
    let mean = origin + moments.x;
    let spread = inverseSqrt(max(moments.y - moments.x * moments.x, 0.0) + ${epsilon.toExponential()});
    for (var c = place; c < ${k / 4}u; c += ${threads}u) { normed[m * ${k / 4}u + c] = (x[base + c] - mean) * spread * gain[c] + gain[${k / 4}u + c]; }
    workgroupBarrier();
  }`;
}

/** Words of weights as one element of their array, so that a span is one load or two. */
function weightType({ kind }: LinearShape, span: number): string {
  if (kind === 'f32') return 'vec4f';
  return span === SPAN ? 'vec4u' : 'u32';
}

/** Declares w0, w1, … with the weights `unit` of output feature `n`, as vec4f without their scale, and `scale`. */
function loadWeights(shape: LinearShape, span: number): string {
  const { kind, k, block } = shape;
  if (kind === 'f32') return `let at = n * ${k / 4}u + unit * ${span / 4}u; ${times(span / 4, (i) => `let w${i} = weights[at + ${i}u];`)}`;
  const bits = kind === 'q4' ? 4 : 8;
  const blocks = Math.ceil(k / block);
  const words = (span * bits) / 32;
  // Elements of the array a row, and a span.
  const wide = span === SPAN ? 4 : 1;
  const row = (blocks * block * bits) / 32 / wide;
  const load = `let s = n * ${blocks}u + unit / ${block / span}u; let scale = unpack2x16float(scales[s >> 1u])[s & 1u];
    let at = n * ${row}u + unit * ${words / wide}u; ${times(words / wide, (i) => `let p${i} = weights[at + ${i}u];`)}`;
  const word = (i: number): string => (wide === 4 ? `p${i >> 2}.${'xyzw'[i & 3]!}` : `p${i}`);
  if (kind === 'q4') {
    return `${load} ${times(words, (i) => `let w${2 * i} = vec4f((vec4u(${word(i)}) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u)) - 8.0;
      let w${2 * i + 1} = vec4f((vec4u(${word(i)}) >> vec4u(16u, 20u, 24u, 28u)) & vec4u(15u)) - 8.0;`)}`;
  }
  return `${load} ${times(words, (i) => `let w${i} = vec4f((vec4u(${word(i)}) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u)) - 128.0;`)}`;
}

/** The products of one unit: of each column the weights once, of each row the input once where there is one row. */
function productCode(shape: LinearShape, span: number): string {
  const { k, n, norm, tile, columns, kind, threads, lanes } = shape;
  const size = span / 4;
  const row = norm ? `m * ${k / 4}u` : `inputRow(first + m) * ${k / 4}u`;
  const input = `let base = ${row} + unit * ${size}u; ${times(size, (i) => `let x${i} = ${norm ? 'normed' : 'x'}[base + ${i}u];`)}`;
  const dots = Array.from({ length: size }, (_, i) => `dot(w${i}, x${i})`).join(' + ');
  const add = `sums[m * ${columns}u + c] += ${kind === 'f32' ? dots : `scale * (${dots})`};`;
  const body = tile === 1 ? add : `for (var m = 0u; m < ${tile}u; m++) { if (m < count) { ${input} ${add} } }`;
  return `${tile === 1 ? `let m = 0u; ${input}` : ''}
    for (var c = 0u; c < ${columns}u; c++) {
      let n = column + c * ${threads / lanes}u;
      ${n % groupColumns(shape) === 0 ? '' : `if (n >= ${n}u) { break; }`}
      ${loadWeights(shape, span)}
      ${body}
    }`;
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

/** Joins the lanes' sums and puts them where they belong. */
function finishCode(shape: LinearShape): string {
  const { n, epilogue, tile, columns, threads, lanes } = shape;
  const head = epilogue === 'logits';
  const put = (index: string, value: string): string => `
      let index = ${index};
      let token = inputRow(index);
      var value = ${head ? '0.0' : 'bias[n]'};
      ${value}
      ${epilogueCode(shape)}`;
  if (lanes === 1) {
    return `for (var c = 0u; c < ${columns}u; c++) {
    let n = column + c * ${threads}u;
    if (n >= ${n}u) { break; }
    for (var m = 0u; m < count; m++) { ${put('first + m', `value += sums[m * ${columns}u + c];`)} }
  }`;
  }
  const width = groupColumns(shape);
  // [row, column, lane]
  return `for (var i = 0u; i < ${tile * columns}u; i++) { products[(i / ${columns}u) * ${width * lanes}u + (i % ${columns}u) * ${threads}u + thread] = sums[i]; }
  workgroupBarrier();
  for (var o = thread; o < count * ${width}u; o += ${threads}u) {
    let n = group.x * ${width}u + o % ${width}u;
    if (n < ${n}u) { ${put(`first + o / ${width}u`, `for (var l = 0u; l < ${lanes}u; l++) { value += products[o * ${lanes}u + l]; }`)} }
  }`;
}

/**
 * y = epilogue(W · norm(x) + bias) for all tokens of the step.
 * Workgroups: [ceil(n / {@link groupColumns}), ceil(tokens / tile)].
 */
export function linearShader(shape: LinearShape): string {
  const { kind, k, block, norm, epilogue, tile, columns, threads, lanes } = shape;
  const head = epilogue === 'logits';
  const span = k % SPAN === 0 && (kind === 'f32' || block % SPAN === 0) ? SPAN : 8;
  const width = groupColumns(shape);
  return /* wgsl */ `${PARAMS}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<${weightType(shape, span)}>;
${kind === 'f32' ? '' : '@group(0) @binding(2) var<storage, read> scales: array<u32>;'}
${head ? '' : '@group(0) @binding(3) var<storage, read> bias: array<f32>;'}
${norm ? '@group(0) @binding(4) var<storage, read> gain: array<vec4f>;' : ''}
@group(0) @binding(5) var<storage, read> x: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;
${epilogue === 'qkv' ? '@group(0) @binding(7) var<storage, read_write> cache: array<f32>;\n@group(0) @binding(8) var<storage, read> slots: array<u32>;' : ''}
${norm ? `var<workgroup> partial: array<vec2f, ${tile * Math.min(ADDERS, threads / tile)}>;\nvar<workgroup> normed: array<vec4f, ${(tile * k) / 4}>;` : ''}
${lanes > 1 ? `var<workgroup> products: array<f32, ${tile * width * lanes}>;` : ''}

fn inputRow(index: u32) -> u32 { return ${head ? 'params.headFirst + index * params.headStride' : 'index'}; }

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first = group.y * ${tile}u;
  let total = ${head ? 'params.headRows' : 'params.rows * params.steps'};
  let count = min(${tile}u, total - first);
  ${norm ? normCode(shape) : ''}
  let lane = thread % ${lanes}u;
  let column = group.x * ${width}u + thread / ${lanes}u;
  var sums: array<f32, ${tile * columns}>;
  for (var unit = lane; unit < ${k / span}u; unit += ${lanes}u) {
    ${productCode(shape, span)}
  }
  ${finishCode(shape)}
}`;
}
