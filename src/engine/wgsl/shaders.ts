/** WGSL of the decoder's kernels beside its linear layers: embedding, attention, copies of cache rows. */

import type { WeightKind } from './linear.ts';
import { PARAMS, THREADS } from './params.ts';

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

/** Threads that join the partial results, and partial results that each of them joins. */
const JOINERS = 8;
const JOINED = THREADS / JOINERS;

/**
 * A function that joins a value of each thread, in two stages: a tree would need a barrier a level. Two calls in a row
 * share their memory.
 */
const reduction = (name: string, join: (a: string, b: string) => string): string => /* wgsl */ `
fn ${name}(value: f32, thread: u32) -> f32 {
  scratch[thread] = value;
  workgroupBarrier();
  if (thread < ${JOINERS}u) {
    var part = scratch[thread * ${JOINED}u];
    for (var i = 1u; i < ${JOINED}u; i++) { part = ${join('part', `scratch[thread * ${JOINED}u + i]`)}; }
    joined[thread] = part;
  }
  workgroupBarrier();
  var all = joined[0];
  for (var i = 1u; i < ${JOINERS}u; i++) { all = ${join('all', 'joined[i]')}; }
  return all;
}`;

/** Causal attention over the cache. Workgroups: [heads, tokens]. */
export function attentionShader({ width, heads, context }: { width: number; heads: number; context: number }): string {
  const size = width / heads;
  // Four features at a time, where their number allows it.
  const wide = size % 4 === 0 ? 4 : 1;
  const type = wide === 4 ? 'vec4f' : 'f32';
  const product = wide === 4 ? 'dot(q[d], cache[key + d])' : 'q[d] * cache[key + d]';
  const units = size / wide;
  const row = (2 * width) / wide;
  // Threads left over by the units share the positions.
  const slices = Math.max(1, Math.floor(THREADS / units));
  return /* wgsl */ `${PARAMS}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> query: array<${type}>;
@group(0) @binding(2) var<storage, read> cache: array<${type}>;
@group(0) @binding(3) var<storage, read> slots: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<${type}>;
var<workgroup> scratch: array<f32, ${THREADS}>;
var<workgroup> joined: array<f32, ${JOINERS}>;
var<workgroup> scores: array<f32, ${context}>;
var<workgroup> q: array<${type}, ${units}>;
var<workgroup> mixed: array<${type}, ${slices * units}>;
${reduction('reduceMax', (a, b) => `max(${a}, ${b})`)}
${reduction('reduceSum', (a, b) => `${a} + ${b}`)}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let place = (group.y * ${heads}u + group.x) * ${units}u;
  let length = params.past + group.y % params.steps + 1u;
  let base = slots[group.y / params.steps] * params.capacity * ${row}u + group.x * ${units}u;
  for (var d = thread; d < ${units}u; d += ${THREADS}u) { q[d] = query[place + d] * ${1 / Math.sqrt(size)}; }
  workgroupBarrier();
  var top = -3.0e38;
  for (var j = thread; j < length; j += ${THREADS}u) {
    let key = base + j * ${row}u;
    var score = 0.0;
    for (var d = 0u; d < ${units}u; d++) { score += ${product}; }
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
  let total = reduceSum(sum, thread);
  let slice = thread / ${units}u;
  if (slice < ${slices}u) {
    for (var d = thread % ${units}u; d < ${units}u; d += ${THREADS}u) {
      var value = ${type}();
      for (var j = slice; j < length; j += ${slices}u) { value += scores[j] * cache[base + j * ${row}u + ${row / 2}u + d]; }
      mixed[slice * ${units}u + d] = value;
    }
  }
  workgroupBarrier();
  for (var d = thread; d < ${units}u; d += ${THREADS}u) {
    var value = mixed[d];
    for (var i = 1u; i < ${slices}u; i++) { value += mixed[i * ${units}u + d]; }
    out[place + d] = value / total;
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
