import type { PoemRequest } from '../poetry/types.ts';

/** Attribute values as they stand; the composer checks them, so a misspelt emotion is told and not guessed. */
export interface PoemAttributes {
  emotion: string | null;
  form: string | null;
  theme: string | null;
  titleText: string | null;
  firstLine: string | null;
  seed: string | null;
  lines: string | null;
}

/** An absent or empty attribute asks for nothing; numbers that are none stay text, and the parser names the field. */
export function requestFromAttributes(attributes: PoemAttributes): PoemRequest {
  const { emotion, form, theme, titleText, firstLine, seed, lines } = attributes;
  const wanted = { emotion, form, theme, title: titleText, firstLine, seed: numeric(seed), lines: numeric(lines) };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null && value !== undefined && value !== '')) as PoemRequest;
}

function numeric(text: string | null): number | string | null {
  return text !== null && /^\d+$/.test(text.trim()) ? Number(text) : text;
}
