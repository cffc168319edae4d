import type { ErrorData } from '../errors.ts';
import type { LoadProgress } from '../worker/client.ts';
import type { LineEvent, Poem } from '../poetry/types.ts';

/** Events of `<verselet-poem>` and of the page; all bubble and are composed. */
export interface VerseletEventMap {
  'verselet-progress': CustomEvent<LoadProgress>;
  'verselet-line': CustomEvent<LineEvent>;
  'verselet-poem': CustomEvent<Poem>;
  'verselet-error': CustomEvent<ErrorData>;
}

declare global {
  interface GlobalEventHandlersEventMap extends VerseletEventMap {}
}
