import type { Gpt2Weights } from './types.ts';
import { dequantizeRow } from './quantize.ts';

/**
 * Token plus position embeddings, the `inputs_embeds` of the graph.
 * @param ids one token an element, in any order of rows and steps.
 * @param positions the position of each, < context.
 * @param out [ids.length, width], overwritten.
 */
export function embedTokens(weights: Gpt2Weights, ids: ArrayLike<number>, positions: ArrayLike<number>, out: Float32Array): void {
  const { wte, wpe, config } = weights;
  const { width } = config;
  for (let i = 0; i < ids.length; i++) {
    const at = i * width;
    dequantizeRow(wte, ids[i]!, out, at);
    const from = positions[i]! * width;
    for (let c = 0; c < width; c++) out[at + c]! += wpe[from + c]!;
  }
}
