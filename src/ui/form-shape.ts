import { FORMS } from '../poetry/forms.ts';
import { type Layout, layoutOf } from '../poetry/layout.ts';
import { parseRequest } from '../poetry/request.ts';
import type { FormName, PoemRequest } from '../poetry/types.ts';

/** The plan of a request's poem; undefined for a request that the composer will refuse. */
export function shapeOf(request: PoemRequest): Layout | undefined {
  try {
    return layoutOf(parseRequest(request, () => 0));
  } catch {
    return undefined;
  }
}

/** Rows of the page to keep free: lines, and one row between stanzas. */
export function expectedRows(request: PoemRequest): number {
  const shape = shapeOf(request);
  return shape ? shape.slots.length + shape.stanzas.length - 1 : 0;
}

/** Lines that will be written; undefined where the model decides, or the request cannot be used. */
export function expectedLines(request: PoemRequest): number | undefined {
  const shape = shapeOf(request);
  return shape && !shape.open ? shape.slots.length : undefined;
}

/** The step that a form's length goes by; undefined where the form fixes its length. */
export function lengthStep(form: FormName): number | undefined {
  return FORMS[form].length?.step;
}

/** The request with `form`, without the wishes that the form has no room for. */
export function withForm(request: PoemRequest, form: FormName): PoemRequest {
  const { scheme, lines, ...rest } = request;
  const step = lengthStep(form);
  const fits = lines !== undefined && step !== undefined && lines % step === 0;
  return { ...rest, form, ...(fits ? { lines } : {}), ...(form === 'quatrains' && scheme ? { scheme } : {}) };
}
