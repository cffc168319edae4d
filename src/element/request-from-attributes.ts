import type { PoemRequest } from '../poetry/types.ts';

/** As attributes they are text; as properties numbers may be numbers, and frameworks unset them with `undefined`. */
type Text = string | null | undefined;
type Numeric = number | Text;

/** Attribute values as they stand; the parser checks them, so a misspelt emotion is told and not guessed. */
export interface PoemAttributes {
  emotion: Text;
  form: Text;
  theme: Text;
  titleText: Text;
  firstLine: Text;
  seed: Numeric;
  lines: Numeric;
}

/** An absent or empty attribute asks for nothing; numbers that are none stay text, and the parser names the field. */
export function requestFromAttributes(attributes: PoemAttributes): PoemRequest {
  const { emotion, form, theme, titleText, firstLine, seed, lines } = attributes;
  const wanted = { emotion, form, theme, title: titleText, firstLine, seed: numeric(seed), lines: numeric(lines) };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null && value !== undefined && value !== '')) as PoemRequest;
}

function numeric(value: Numeric): Numeric {
  return typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
}
