/**
 * A pass through all layers, by one thread or by several. Two ways to share the work:
 * - lines (a line is one position of one row), where there are as many as threads: a thread takes its lines through all
 *   layers. Rows know nothing of each other, so a decode step needs no meeting but the last; positions of one row attend
 *   to earlier ones, so a prompt's pass needs one a layer.
 * - panels, where there are fewer lines: each product's outputs are shared, with five meetings a layer.
 * Which thread computes a sum changes nothing in it: every number of threads gives the same bits.
 */
import { quantize } from './activations';
import { byteProduct, byteRow } from './bytes';
import { denseProduct, denseRow } from './dense';
import { append, attend, gelu, layerNorm } from './layers';
import { nibbleProduct, nibbleRow } from './nibbles';
import { MODE_ADD, PAGE } from './shared';
import { announce, gather, meet, nextJob, report, threadsOf } from './threads';

const DENSE: i32 = 0;
const NIBBLES: i32 = 4;

/** Words that `../table.ts` writes, in this order. */
@unmanaged
class Matrix {
  /** 0: f32; else bits of a weight. */
  kind: i32;
  address: usize;
  cols: i32;
  outs: i32;
  panels: i32;
  bias: usize;
}

@unmanaged
class Model {
  layers: i32;
  heads: i32;
  width: i32;
  inner: i32;
  vocab: i32;
  epsilon: f32;
  wpe: usize;
  /** Of the last layer normalisation. */
  normWeight: usize;
  normBias: usize;
  /** Addresses of matrices. */
  wte: usize;
  head: usize;
  /** Address of the first layer's words. */
  layer: usize;
}

@unmanaged
class Layer {
  norm1Weight: usize;
  norm1Bias: usize;
  norm2Weight: usize;
  norm2Bias: usize;
  /** Addresses of matrices. */
  qkv: usize;
  proj: usize;
  up: usize;
  down: usize;
}

/** What a pass computes and where; strides in bytes. */
@unmanaged
class Job {
  model: usize;
  /** Who computes: thread 0 and the helpers of a lower number. */
  threads: i32;
  /** Whether thread 0 may sleep while it waits. */
  maySleep: i32;
  rows: i32;
  /** Positions of each row in this pass. */
  count: i32;
  /** Positions of each row before it. */
  length: i32;
  /** Ids of the pass, each row's at a stride. */
  tokens: usize;
  tokenStride: usize;
  /** Lists of pages, each row's at a stride. */
  tables: usize;
  tableStride: usize;
  /** Bytes of a layer in a page. */
  layerBytes: usize;
  x: usize;
  normed: usize;
  attended: usize;
  stride: usize;
  hidden: usize;
  hiddenStride: usize;
  integers: usize;
  integerStride: usize;
  /** Tile and scores of each thread. */
  scratch: usize;
  scratchStride: usize;
  /** Where each row's logits of the pass begin; 0: none are wanted. */
  logits: usize;
  logitRowStride: usize;
  /** Whether logits of all positions are wanted, or of the last. */
  all: i32;
}

/** Bytes of a thread's scratch before the scores. */
const TILE_BYTES: usize = 256;

// @ts-ignore: decorator
@inline
function share(count: i32, thread: i32, threads: i32): i32 {
  return (count * thread) / threads;
}

/** out[line] = matrix · x[line] + bias, for the outputs of panels from..to. */
function product(
  job: Job,
  matrix: Matrix,
  x: usize,
  xStride: usize,
  lines: i32,
  integers: usize,
  out: usize,
  outStride: usize,
  from: i32,
  to: i32,
  mode: i32,
  tile: usize,
): void {
  const kind = matrix.kind;
  const cols = matrix.cols;
  const weight = matrix.address;
  const bias = matrix.bias;
  const outs = matrix.outs;
  if (kind == DENSE) {
    denseProduct(x, xStride, lines, weight, cols, bias, out, outStride, outs, from, to, mode, tile);
    return;
  }
  const stride = job.integerStride;
  quantize(x, xStride, lines, cols, kind, integers, stride, tile);
  if (kind == NIBBLES) nibbleProduct(integers, stride, lines, weight, cols, bias, out, outStride, outs, from, to, mode, tile);
  else byteProduct(integers, stride, lines, weight, cols, bias, out, outStride, outs, from, to, mode, tile);
}

/** x = wte[token] + wpe[position], for lines from..to. */
function embed(job: Job, model: Model, from: i32, to: i32): void {
  const wte = changetype<Matrix>(model.wte);
  const width = model.width;
  for (let line = from; line < to; line++) {
    const row = line / job.count;
    const step = line % job.count;
    const token = load<i32>(job.tokens + <usize>row * job.tokenStride + (<usize>step << 2));
    const position = model.wpe + (<usize>((job.length + step) * width) << 2);
    const out = job.x + <usize>line * job.stride;
    if (wte.kind == DENSE) denseRow(wte.address, width, token, position, out);
    else if (wte.kind == NIBBLES) nibbleRow(wte.address, width, token, position, out);
    else byteRow(wte.address, width, token, position, out);
  }
}

/** Caches keys and values of lines from..to, heads first..last. */
function cache(job: Job, model: Model, layer: usize, from: i32, to: i32, first: i32, last: i32): void {
  const headDim = model.width / model.heads;
  const width = <usize>model.width << 2;
  for (let line = from; line < to; line++) {
    const position = job.length + (line % job.count);
    const table = job.tables + <usize>(line / job.count) * job.tableStride;
    const page = <usize>load<u32>(table + (<usize>(position / PAGE) << 2)) + layer;
    const query = job.hidden + <usize>line * job.hiddenStride;
    append(query + width, query + 2 * width, page, position % PAGE, model.heads, headDim, first, last);
  }
}

/** Attention of lines from..to, heads first..last. */
function look(job: Job, model: Model, layer: usize, from: i32, to: i32, first: i32, last: i32, scores: usize): void {
  const headDim = model.width / model.heads;
  for (let line = from; line < to; line++) {
    const position = job.length + (line % job.count);
    const table = job.tables + <usize>(line / job.count) * job.tableStride;
    const query = job.hidden + <usize>line * job.hiddenStride;
    const out = job.attended + <usize>line * job.stride;
    attend(query, out, table, layer, position + 1, model.heads, headDim, first, last, scores);
  }
}

/** All layers for lines from..to. */
function layersOfLines(job: Job, model: Model, from: i32, to: i32, scratch: usize): void {
  const lines = to - from;
  const offset = <usize>from * job.stride;
  const x = job.x + offset;
  const normed = job.normed + offset;
  const attended = job.attended + offset;
  const stride = job.stride;
  const hidden = job.hidden + <usize>from * job.hiddenStride;
  const hiddenStride = job.hiddenStride;
  const integers = job.integers + <usize>from * job.integerStride;
  for (let i = 0; i < model.layers; i++) {
    const layer = changetype<Layer>(model.layer + <usize>i * offsetof<Layer>());
    const qkv = changetype<Matrix>(layer.qkv);
    const proj = changetype<Matrix>(layer.proj);
    const up = changetype<Matrix>(layer.up);
    const down = changetype<Matrix>(layer.down);
    const cached = <usize>i * job.layerBytes;
    layerNorm(x, stride, normed, stride, lines, model.width, layer.norm1Weight, layer.norm1Bias, model.epsilon);
    product(job, qkv, normed, stride, lines, integers, hidden, hiddenStride, 0, qkv.panels, 0, scratch);
    cache(job, model, cached, from, to, 0, model.heads);
    // Earlier positions of a row may be another thread's.
    if (job.count > 1) meet(job.threads, job.maySleep != 0);
    look(job, model, cached, from, to, 0, model.heads, scratch + TILE_BYTES);
    product(job, proj, attended, stride, lines, integers, x, stride, 0, proj.panels, MODE_ADD, scratch);
    layerNorm(x, stride, normed, stride, lines, model.width, layer.norm2Weight, layer.norm2Bias, model.epsilon);
    product(job, up, normed, stride, lines, integers, hidden, hiddenStride, 0, up.panels, 0, scratch);
    gelu(hidden, hiddenStride, lines, model.inner);
    product(job, down, hidden, hiddenStride, lines, integers, x, stride, 0, down.panels, MODE_ADD, scratch);
  }
}

/** All layers, a share of every product's panels and of the heads; activations become integers in each thread for itself. */
function layersOfPanels(job: Job, model: Model, thread: i32, scratch: usize): void {
  const lines = job.rows * job.count;
  const threads = job.threads;
  const sleep = job.maySleep != 0;
  const stride = job.stride;
  const hidden = job.hidden;
  const hiddenStride = job.hiddenStride;
  const normed = job.normed + <usize>(thread * lines) * stride;
  const integers = job.integers + <usize>(thread * lines) * job.integerStride;
  const firstHead = share(model.heads, thread, threads);
  const lastHead = share(model.heads, thread + 1, threads);
  for (let i = 0; i < model.layers; i++) {
    const layer = changetype<Layer>(model.layer + <usize>i * offsetof<Layer>());
    const qkv = changetype<Matrix>(layer.qkv);
    const proj = changetype<Matrix>(layer.proj);
    const up = changetype<Matrix>(layer.up);
    const down = changetype<Matrix>(layer.down);
    const cached = <usize>i * job.layerBytes;
    layerNorm(job.x, stride, normed, stride, lines, model.width, layer.norm1Weight, layer.norm1Bias, model.epsilon);
    let from = share(qkv.panels, thread, threads);
    let to = share(qkv.panels, thread + 1, threads);
    product(job, qkv, normed, stride, lines, integers, hidden, hiddenStride, from, to, 0, scratch);
    meet(threads, sleep);
    cache(job, model, cached, 0, lines, firstHead, lastHead);
    look(job, model, cached, 0, lines, firstHead, lastHead, scratch + TILE_BYTES);
    meet(threads, sleep);
    from = share(proj.panels, thread, threads);
    to = share(proj.panels, thread + 1, threads);
    product(job, proj, job.attended, stride, lines, integers, job.x, stride, from, to, MODE_ADD, scratch);
    meet(threads, sleep);
    layerNorm(job.x, stride, normed, stride, lines, model.width, layer.norm2Weight, layer.norm2Bias, model.epsilon);
    from = share(up.panels, thread, threads);
    to = share(up.panels, thread + 1, threads);
    product(job, up, normed, stride, lines, integers, hidden, hiddenStride, from, to, 0, scratch);
    const panel = up.kind == DENSE ? 16 : 8;
    const last = min(to * panel, model.inner);
    if (last > from * panel) gelu(hidden + (<usize>(from * panel) << 2), hiddenStride, lines, last - from * panel);
    meet(threads, sleep);
    from = share(down.panels, thread, threads);
    to = share(down.panels, thread + 1, threads);
    product(job, down, hidden, hiddenStride, lines, integers, job.x, stride, from, to, MODE_ADD, scratch);
    meet(threads, sleep);
  }
}

/** Logits of `lines` lines of the residual stream, for the outputs of panels from..to. */
function head(
  job: Job,
  model: Model,
  x: usize,
  xStride: usize,
  lines: i32,
  normed: usize,
  integers: usize,
  out: usize,
  outStride: usize,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  if (lines <= 0) return;
  const stride = job.stride;
  layerNorm(x, xStride, normed, stride, lines, model.width, model.normWeight, model.normBias, model.epsilon);
  product(job, changetype<Matrix>(model.head), normed, stride, lines, integers, out, outStride, from, to, 0, scratch);
}

/** Logits of those of lines from..to that want some. */
function logitsOfLines(job: Job, model: Model, from: i32, to: i32, scratch: usize): void {
  const count = job.count;
  const stride = job.stride;
  const normed = job.normed + <usize>from * stride;
  const integers = job.integers + <usize>from * job.integerStride;
  const panels = changetype<Matrix>(model.head).panels;
  if (!job.all) {
    // Rows whose last position is among the lines.
    const first = from / count;
    const x = job.x + <usize>(first * count + count - 1) * stride;
    const out = job.logits + <usize>first * job.logitRowStride;
    head(job, model, x, <usize>count * stride, to / count - first, normed, integers, out, job.logitRowStride, 0, panels, scratch);
    return;
  }
  const bytes = <usize>model.vocab << 2;
  let line = from;
  while (line < to) {
    const row = line / count;
    const step = line % count;
    const lines = min(count - step, to - line);
    const out = job.logits + <usize>row * job.logitRowStride + <usize>step * bytes;
    head(job, model, job.x + <usize>line * stride, stride, lines, normed, integers, out, bytes, 0, panels, scratch);
    line += lines;
  }
}

/** A share of the panels of all logits; every thread has lines of its own for what is normalised. */
function logitsOfPanels(job: Job, model: Model, thread: i32, scratch: usize): void {
  const lines = job.rows * job.count;
  const normed = job.normed + <usize>(thread * lines) * job.stride;
  const integers = job.integers + <usize>(thread * lines) * job.integerStride;
  const panels = changetype<Matrix>(model.head).panels;
  const from = share(panels, thread, job.threads);
  const to = share(panels, thread + 1, job.threads);
  const count = job.count;
  const first = job.all ? 0 : count - 1;
  for (let row = 0; row < job.rows; row++) {
    const x = job.x + <usize>(row * count + first) * job.stride;
    const out = job.logits + <usize>row * job.logitRowStride;
    head(job, model, x, job.stride, count - first, normed, integers, out, <usize>model.vocab << 2, from, to, scratch);
  }
}

function work(job: Job, thread: i32): void {
  const model = changetype<Model>(job.model);
  const threads = job.threads;
  const lines = job.rows * job.count;
  const scratch = job.scratch + <usize>thread * job.scratchStride;
  if (lines >= threads) {
    const from = share(lines, thread, threads);
    const to = share(lines, thread + 1, threads);
    embed(job, model, from, to);
    layersOfLines(job, model, from, to, scratch);
    if (job.logits) logitsOfLines(job, model, from, to, scratch);
  } else {
    if (thread == 0) embed(job, model, 0, lines);
    meet(threads, job.maySleep != 0);
    layersOfPanels(job, model, thread, scratch);
    if (job.logits) logitsOfPanels(job, model, thread, scratch);
  }
}

/** Where helpers find the job that `forward` was given. */
const JOB_ADDRESS: usize = 448;

/** Thread 0: one pass. Returns false where a thread failed, after which nothing in memory can be trusted. */
export function forward(at: usize): bool {
  const job = changetype<Job>(at);
  if (!ASC_FEATURE_THREADS) {
    work(job, 0);
    return true;
  }
  if (job.threads == 1) {
    work(job, 0);
    return true;
  }
  store<usize>(JOB_ADDRESS, at);
  announce(job.threads);
  work(job, 0);
  return gather(job.threads, job.maySleep != 0);
}

/** Helper: computes its part of every job that is for it, until a thread fails. */
export function serve(thread: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  let last = 0;
  for (let job = nextJob(last); job != last; job = nextJob(last)) {
    last = job;
    if (thread >= threadsOf(job)) continue;
    work(changetype<Job>(load<usize>(JOB_ADDRESS)), thread);
    report();
  }
}
