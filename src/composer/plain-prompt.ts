/** What a model that was never taught to plan reads before a poem. */

import { plainPrompt } from '../poetry/emotions.ts';
import type { PoemSoFar } from './dialect.ts';

/** Two short poems of our own, to show the model what comes after a heading. */
const EXAMPLES = [
  `A joyful poem about the morning:

The lark is up before the light,
And sings above the hill,
And all the gold that left the night
Lies on the window sill.`,
  `A sorrowful poem about an empty house:

The door is shut, the lamp is low,
The rain is on the stone,
And those who walked here long ago
Have left the house alone.`,
];

/** Text before the first line; `examples` how many poems are shown first. */
export function preamble(poem: PoemSoFar, examples: number): string {
  return [...EXAMPLES.slice(0, examples), `${plainPrompt(poem.emotion, poem.theme ?? poem.title)}\n\n`].join('\n\n\n');
}

/** What follows a finished poem to make a model name it; the quotation mark stays open. */
export const TITLE_CUE = '\n\n\nThe title of this poem is "';
