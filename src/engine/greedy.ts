/** The likeliest continuation, token by token. */

import type { LanguageModel, RandomStream, Sampling } from './types.ts';

/** Sampling that always takes the best token. */
export const GREEDY: Sampling = { temperature: 1, topK: 1, topP: 1, minP: 0, repetitionPenalty: 1 };

/** Greedy sampling draws no numbers. */
const NO_NUMBERS: RandomStream = { next: () => 0 };

/**
 * The `count` most likely next tokens after `ids`, each given those before it; fewer where the context ends.
 * @throws VerseletError as {@link LanguageModel.decode}.
 */
export async function greedy(
  model: Pick<LanguageModel, 'decode'>,
  ids: readonly number[],
  count: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const control = { next: () => ({ kind: 'sample' }) as const };
  const row = { control, random: NO_NUMBERS, sampling: GREEDY, maxTokens: count };
  const [result] = await model.decode({ prefix: ids, rows: [row] }, signal);
  return result!.tokens;
}
