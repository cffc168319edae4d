/** Parts of matrices [rows, steps], for inputs that are longer than a step. */

interface Window {
  rows: number;
  steps: number;
  from: number;
  width: number;
}

/** Columns [from, from + width) of a [rows, steps] matrix. */
export function columns(tokens: Int32Array, { rows, steps, from, width }: Window): Int32Array {
  const part = new Int32Array(rows * width);
  for (let row = 0; row < rows; row++) part.set(tokens.subarray(row * steps + from, row * steps + from + width), row * width);
  return part;
}

/** Puts logits of the columns [from, from + width), [rows, width, vocab], to their places in [rows, steps, vocab]. */
export function scatterRows(part: Float32Array, whole: Float32Array, { rows, steps, from, width, vocab }: Window & { vocab: number }): void {
  for (let i = 0; i < rows * width; i++) {
    const at = Math.floor(i / width) * steps + from + (i % width);
    whole.set(part.subarray(i * vocab, (i + 1) * vocab), at * vocab);
  }
}
