import { EMOTIONS, FORM_NAMES, type Emotion, type FormName, type PoemRequest } from '../poetry/types.ts';
import { plainLine } from './plain-line.ts';

/** What an address asks for. */
export interface Recipe {
  request: PoemRequest;
  choice: { model?: string; hub?: string; device?: 'auto' | 'webgpu' | 'wasm' };
  /** Write at once. */
  compose: boolean;
}

const MAX_TEXT = 500;
const MAX_SEED = 0xffffffff;
const DEVICES = ['auto', 'webgpu', 'wasm'] as const;

function oneOf<T extends string>(value: string | null, known: readonly T[]): T | undefined {
  return known.find((name) => name === value?.toLowerCase());
}

function text(value: string | null): string | undefined {
  const clean = value === null ? '' : plainLine(value);
  if (!clean) return undefined;
  // The limit counts UTF-16 units, and must not cut a character in two.
  return clean.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/, '');
}

function whole(value: string | null, max: number): number | undefined {
  return value !== null && /^\d{1,10}$/.test(value) && Number(value) <= max ? Number(value) : undefined;
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

/**
 * What the query of an address asks for. Hostile input: anything that is no known word, number or plain text is left out,
 * and an embedder's share target (`title`, `text`, `url`) becomes a theme.
 */
export function parseRecipe(query: string): Recipe {
  const params = new URLSearchParams(query.slice(0, 20_000));
  const request = defined<PoemRequest>({
    emotion: oneOf<Emotion>(params.get('emotion'), EMOTIONS),
    form: oneOf<FormName>(params.get('form'), FORM_NAMES),
    theme: text(params.get('theme') ?? params.get('text')),
    title: text(params.get('title')),
    firstLine: text(params.get('firstLine')),
    lines: whole(params.get('lines'), 64),
    seed: whole(params.get('seed'), MAX_SEED),
  });
  const choice = defined<Recipe['choice']>({
    model: text(params.get('model')),
    hub: text(params.get('hub')),
    device: oneOf(params.get('device'), DEVICES),
  });
  return { request, choice, compose: params.get('compose') === '1' };
}

/** The query that asks for `request` again. Inverse of {@link parseRecipe} for the fields it knows. */
export function recipeQuery(request: PoemRequest, choice: Recipe['choice'] = {}): string {
  const params = new URLSearchParams();
  const { emotion, form, theme, title, firstLine, lines, seed } = request;
  for (const [name, value] of Object.entries({ emotion, form, theme, title, firstLine, lines, seed, ...choice })) {
    if (value !== undefined && value !== '') params.set(name, String(value));
  }
  return params.toString();
}
