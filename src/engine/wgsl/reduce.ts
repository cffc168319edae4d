/**
 * WGSL that tells of a row of logits what a draw needs, so that the row itself stays on the device: the sum of its
 * exponentials, and either one token's logit or the best of the allowed tokens.
 */

/** Threads that join partial results. */
const JOINERS = 16;
/** Bins of one level, and levels until no two keys share a bin. */
const BINS = 256;
const LEVELS = 4;
/** Groups of bins whose sums are looked at first. */
const COARSE = 16;

/** Tokens that a summary lists at most. */
export const MOST_LISTED = 80;
/** Words of a question and of a summary's head. */
export const QUESTION_WORDS = 8;
export const HEAD_WORDS = 4;
/** Set in a head's last word, the number of listed tokens, where these are all that are allowed. */
export const COMPLETE = 0x80000000;
/** A question's mask where every token is allowed; as its slot: only the token's logit is wanted. */
export const NONE = 0xffffffff;

/**
 * The best are found by their distance from the best one, as a fixed-point number of 32 bits, 5 of them whole nats: bins
 * of its upper bits are counted and filled from the top while the list has room, and where fewer than `least` fit, the
 * first bin that does not is counted again by finer bits. Whatever is not listed scores less than all that is.
 *
 * Workgroups: one a question, of `threads` threads: a multiple of 16.
 */
export function reduceShader(vocab: number, threads: number): string {
  const share = threads / JOINERS;
  return /* wgsl */ `
struct Question {
  token: u32,      // its logit is wanted, where there is no slot
  slot: u32,       // row of scores, and place of the list
  mask: u32,       // word of \`asked\` where the mask begins, a byte a token
  bias: u32,       // word where pairs of token and addition begin
  biases: u32,     // how many
  least: u32,      // tokens that have to be listed
  temperature: f32,
  padding: u32,
}
@group(0) @binding(0) var<storage, read> questions: array<Question>;
@group(0) @binding(1) var<storage, read> asked: array<u32>;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read_write> scores: array<f32>;
@group(0) @binding(4) var<storage, read_write> told: array<u32>;

const LOWEST = -3.0e38;
var<workgroup> partial: array<vec3f, ${threads}>;
var<workgroup> joined: array<vec3f, ${JOINERS}>;
var<workgroup> bins: array<atomic<u32>, ${BINS}>;
var<workgroup> coarse: array<u32, ${COARSE}>;
var<workgroup> listed: atomic<u32>;
// Upper bits of the bin that was full, and how many bits those are; tokens below it; whether there are enough.
var<workgroup> prefix: u32;
var<workgroup> fitting: u32;
var<workgroup> enough: u32;

fn join(a: vec3f, b: vec3f) -> vec3f { return vec3f(max(a.x, b.x), a.yz + b.yz); }

/** Highest of x, sums of y and z, over the workgroup. */
fn reduce(value: vec3f, thread: u32) -> vec3f {
  partial[thread] = value;
  workgroupBarrier();
  if (thread < ${JOINERS}u) {
    var part = partial[thread * ${share}u];
    for (var i = 1u; i < ${share}u; i++) { part = join(part, partial[thread * ${share}u + i]); }
    joined[thread] = part;
  }
  workgroupBarrier();
  var all = joined[0];
  for (var i = 1u; i < ${JOINERS}u; i++) { all = join(all, joined[i]); }
  return all;
}

fn allowed(mask: u32, id: u32) -> bool {
  return mask == ${NONE}u || ((asked[mask + id / 4u] >> ((id % 4u) * 8u)) & 255u) != 0u;
}

fn keyOf(distance: f32) -> u32 { return u32(clamp(distance, 0.0, 31.999) * 134217728.0); }

/** Fills the list from the best bin on; by one thread. */
fn choose(least: u32) {
  var below = fitting;
  var bin = 0u;
  for (; bin < ${BINS}u && below + coarse[bin / ${BINS / COARSE}u] <= ${MOST_LISTED}u; bin += ${BINS / COARSE}u) { below += coarse[bin / ${BINS / COARSE}u]; }
  for (; bin < ${BINS}u; bin++) {
    let count = atomicLoad(&bins[bin]);
    if (below + count > ${MOST_LISTED}u) { break; }
    below += count;
  }
  fitting = below;
  // Past the last bin: everything is listed.
  prefix = select(prefix * ${BINS}u + bin, ${NONE}u, bin == ${BINS}u);
  enough = select(0u, 1u, below >= least || bin == ${BINS}u);
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let question = questions[group.x];
  let row = group.x * ${vocab}u;
  let draws = question.slot != ${NONE}u;
  let head = group.x * ${HEAD_WORDS}u;
  let list = groups.x * ${HEAD_WORDS}u + question.slot * ${2 * MOST_LISTED}u;
  let scored = question.slot * ${vocab}u;

  var most = LOWEST;
  for (var id = thread; id < ${vocab}u; id += ${threads}u) {
    let logit = logits[row + id];
    most = max(most, logit);
    if (draws) { scores[scored + id] = select(LOWEST, logit, allowed(question.mask, id)); }
  }
  let top = reduce(vec3f(most, 0.0, 0.0), thread).x;
  storageBarrier();
  if (draws) {
    for (var i = thread; i < question.biases; i += ${threads}u) {
      let place = scored + asked[question.bias + 2u * i];
      if (scores[place] > LOWEST) { scores[place] += bitcast<f32>(asked[question.bias + 2u * i + 1u]); }
    }
  }
  storageBarrier();

  most = LOWEST;
  var sums = vec2f(0.0);
  for (var id = thread; id < ${vocab}u; id += ${threads}u) {
    sums.x += exp(logits[row + id] - top);
    if (draws) {
      let score = scores[scored + id];
      most = max(most, score);
      sums.y += select(0.0, 1.0, score > LOWEST);
    }
  }
  let found = reduce(vec3f(most, sums), thread);
  if (thread == 0u) {
    told[head] = bitcast<u32>(top);
    told[head + 1u] = bitcast<u32>(found.y);
  }
  if (!draws) {
    if (thread == 0u) { told[head + 2u] = bitcast<u32>(logits[row + question.token]); }
    return;
  }

  if (thread == 0u) { prefix = select(0u, ${NONE}u, found.z <= ${MOST_LISTED}.0); enough = select(0u, 1u, found.z <= ${MOST_LISTED}.0); }
  var mass = 0.0;
  // Bits below a bin's: what is left of a key to the right of them.
  var shift = 32u;
  for (var level = 0u; level < ${LEVELS}u; level++) {
    if (workgroupUniformLoad(&enough) == 1u) { break; }
    shift -= 8u;
    for (var bin = thread; bin < ${BINS}u; bin += ${threads}u) { atomicStore(&bins[bin], 0u); }
    workgroupBarrier();
    for (var id = thread; id < ${vocab}u; id += ${threads}u) {
      let score = scores[scored + id];
      if (score > LOWEST) {
        let key = keyOf(found.x - score);
        if (level == 0u || (key >> (shift + 8u)) == prefix) { atomicAdd(&bins[(key >> shift) & ${BINS - 1}u], 1u); }
      }
    }
    workgroupBarrier();
    if (thread < ${COARSE}u) {
      var count = 0u;
      for (var i = 0u; i < ${BINS / COARSE}u; i++) { count += atomicLoad(&bins[thread * ${BINS / COARSE}u + i]); }
      coarse[thread] = count;
    }
    workgroupBarrier();
    if (thread == 0u) { choose(question.least); }
  }
  let end = workgroupUniformLoad(&prefix);
  for (var id = thread; id < ${vocab}u; id += ${threads}u) {
    let score = scores[scored + id];
    if (score > LOWEST) {
      mass += exp((score - found.x) / question.temperature);
      if (end == ${NONE}u || (keyOf(found.x - score) >> shift) < end) {
        let place = atomicAdd(&listed, 1u);
        if (place < ${MOST_LISTED}u) {
          told[list + 2u * place] = id;
          told[list + 2u * place + 1u] = bitcast<u32>(logits[row + id]);
        }
      }
    }
  }
  let all = reduce(vec3f(LOWEST, mass, 0.0), thread);
  if (thread == 0u) {
    told[head + 2u] = bitcast<u32>(all.y);
    told[head + 3u] = atomicLoad(&listed) | select(0u, ${COMPLETE}u, found.z == f32(atomicLoad(&listed)));
  }
}`;
}
