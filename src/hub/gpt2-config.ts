/** Whether a `config.json` is a GPT-2 that can run here: asked before any weights are fetched. */

import { VerseletError } from '../errors.ts';

const LIMITS = { n_layer: 96, n_head: 128, n_embd: 8192, vocab_size: 500_000, n_positions: 32_768 } as const;

/**
 * @param value parsed config.json.
 * @throws VerseletError `unsupported-model` for other architectures and for sizes no GPT-2 has.
 */
export function checkGpt2Config(value: unknown): void {
  const config = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  if (config.model_type !== 'gpt2') {
    const found = typeof config.model_type === 'string' ? `a ${config.model_type.slice(0, 40)} model` : 'no GPT-2';
    throw new VerseletError('unsupported-model', `config.json describes ${found}; Verselet runs GPT-2 models only.`);
  }
  for (const [name, limit] of Object.entries(LIMITS)) {
    const size = config[name] ?? (name === 'n_positions' ? config.n_ctx : undefined);
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > limit) {
      throw new VerseletError('unsupported-model', `config.json gives no sensible ${name} (1 to ${limit}).`);
    }
  }
  if (Number(config.n_embd) % Number(config.n_head) !== 0) {
    throw new VerseletError('unsupported-model', 'config.json: n_embd is no multiple of n_head.');
  }
}
