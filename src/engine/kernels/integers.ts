/** Integer activations in memory, as `assembly/activations.ts` lays them out. */

const BLOCK = 32;
const BLOCK_BYTES = 80;

/** Bytes of a line of `cols` integer activations. */
export function integerStride(cols: number): number {
  return Math.ceil(cols / BLOCK) * BLOCK_BYTES;
}
