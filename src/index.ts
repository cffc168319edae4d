/** Verselet: poems written on the reader's own device. The package's public entry; importing it registers nothing. */

import { openEngine } from './worker/engine-handle.ts';

export { createComposer } from './worker/client.ts';
export type { ComposeOptions, Composer, ComposerOptions, DeviceInfo, LoadProgress, ModelInfo } from './worker/client.ts';
export type { EngineHandle, EngineOptions } from './worker/engine-handle.ts';
export { ERROR_CODES, VerseletError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export { EMOTIONS, FORM_NAMES } from './poetry/types.ts';
export type { Emotion, FormName, LineEvent, Poem, PoemChecks, PoemRequest } from './poetry/types.ts';
export { VerseletPoem } from './element/verselet-poem.ts';

/** The language model without the poetry. */
export const engine = { open: openEngine };
