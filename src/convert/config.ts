/** GPT-2's `config.json`. */
import type { Gpt2Config } from './types.ts';
import { unsupported } from './bytes.ts';
import { isObject, isWhole } from './json.ts';
import type { JsonObject } from './json.ts';

/** All three are the tanh approximation of GELU. */
const ACTIVATIONS = ['gelu_new', 'gelu_pytorch_tanh', 'gelu_fast'];
/** GPT-2 XL is 48 × 1600 with 25 heads; what lies far beyond these is no GPT-2 and would only eat memory. */
const LIMITS = { layers: 96, heads: 128, width: 8192, inner: 32768, vocab: 1_000_000, context: 32_768 };

/**
 * Reads the shape of a GPT-2 from its parsed `config.json`.
 * @throws VerseletError `unsupported-model` for any other architecture, variants that compute differently, and absurd sizes.
 */
export function parseConfig(json: unknown): Gpt2Config {
  if (!isObject(json)) throw unsupported('The config.json is not a JSON object.');
  refuseOthers(json);
  const width = json['n_embd'];
  return checkConfig({
    layers: json['n_layer'],
    heads: json['n_head'],
    width,
    inner: json['n_inner'] ?? (typeof width === 'number' ? 4 * width : undefined),
    vocab: json['vocab_size'],
    context: json['n_positions'] ?? json['n_ctx'],
    layerNormEpsilon: json['layer_norm_epsilon'] ?? 1e-5,
    ...(typeof json['tie_word_embeddings'] === 'boolean' ? { tied: json['tie_word_embeddings'] } : {}),
  });
}

/**
 * The config that a packed file carries, with every field checked.
 * @throws VerseletError `unsupported-model`, naming the field.
 */
export function checkConfig(json: unknown): Gpt2Config {
  if (!isObject(json)) throw unsupported('The model has no readable config.');
  const { layers, heads, width, inner, vocab, context, layerNormEpsilon, tied } = json;
  const sizes = { layers, heads, width, inner, vocab, context };
  for (const [name, limit] of Object.entries(LIMITS)) {
    const value = sizes[name as keyof typeof sizes];
    if (!isWhole(value, 1, limit)) throw unsupported(`The config's ${name} is not a number from 1 to ${limit}.`);
  }
  const checked = sizes as Record<keyof typeof sizes, number>;
  if (checked.width % checked.heads !== 0) throw unsupported('The width of the config is no multiple of its heads.');
  if (typeof layerNormEpsilon !== 'number' || !(layerNormEpsilon > 0 && layerNormEpsilon < 1)) {
    throw unsupported("The config's layer norm epsilon is not between 0 and 1.");
  }
  return { ...checked, layerNormEpsilon, ...(typeof tied === 'boolean' ? { tied } : {}) };
}

/** The `config.json` that transformers would write for this shape. */
export function writeConfig(config: Gpt2Config): JsonObject {
  return {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    n_layer: config.layers,
    n_head: config.heads,
    n_embd: config.width,
    n_inner: config.inner === 4 * config.width ? null : config.inner,
    n_positions: config.context,
    n_ctx: config.context,
    vocab_size: config.vocab,
    activation_function: 'gelu_new',
    layer_norm_epsilon: config.layerNormEpsilon,
    tie_word_embeddings: config.tied ?? true,
  };
}

function refuseOthers(json: JsonObject): void {
  const kind = json['model_type'];
  const classes = Array.isArray(json['architectures']) ? json['architectures'] : [];
  const named = kind ?? (classes.some((name) => typeof name === 'string' && name.startsWith('GPT2')) ? 'gpt2' : undefined);
  if (named !== 'gpt2') {
    throw unsupported(`The model is ${typeof named === 'string' ? `a ${named.slice(0, 40)}` : 'of an unknown kind'}, not a GPT-2.`);
  }
  const activation = json['activation_function'] ?? 'gelu_new';
  if (!ACTIVATIONS.includes(activation as string)) throw unsupported("The model's activation is not GPT-2's gelu_new.");
  if (json['scale_attn_weights'] === false || json['scale_attn_by_inverse_layer_idx'] === true) {
    throw unsupported("The model scales its attention in another way than GPT-2.");
  }
  if (json['add_cross_attention'] === true) throw unsupported('The model has cross-attention, which GPT-2 has not.');
}
