/** The whole dictionary as a module (about 0.6 MB on the wire): import it dynamically where a form needs it. */

import { PRONUNCIATIONS } from './data/pronunciations.ts';
import { loadPronunciations } from './pronunciation.ts';

const bytes = Uint8Array.from(atob(PRONUNCIATIONS), (character) => character.charCodeAt(0));

/** CMUdict. */
export const dictionary = await loadPronunciations(bytes);
