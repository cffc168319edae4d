/** What all kernels of a step share. */

/** Threads of a workgroup. */
export const THREADS = 64;

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
