/** [rows, cols] as [cols, rows], in tiles that stay in the cache. */
export function transpose(values: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(values.length);
  const tile = 32;
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(top + tile, rows);
    for (let col = 0; col < cols; col++) {
      for (let row = top; row < bottom; row++) out[col * rows + row] = values[row * cols + col]!;
    }
  }
  return out;
}
