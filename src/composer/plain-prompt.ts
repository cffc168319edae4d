/** What a model that was never taught to plan reads before a poem. */

import type { Emotion } from '../poetry/types.ts';
import type { PoemSoFar } from './dialect.ts';

/** How a heading names the emotion. */
const OF_EMOTION: Readonly<Record<Emotion, string>> = {
  anger: 'of anger',
  anticipation: 'of hope and waiting',
  disgust: 'of disgust',
  fear: 'of fear',
  joy: 'of joy',
  sadness: 'of sadness',
  surprise: 'of wonder',
  trust: 'of trust',
  neutral: 'in plain words',
};

/** Two short poems of our own, to show the model what comes after a heading. */
const EXAMPLES = [
  `A poem of joy about the morning

The lark is up before the light,
And sings above the hill,
And all the gold that left the night
Lies on the window sill.`,
  `A poem of sadness about an empty house

The door is shut, the lamp is low,
The rain is on the stone,
And those who walked here long ago
Have left the house alone.`,
];

/** The heading of the poem that is wanted. */
function heading(poem: PoemSoFar): string {
  const about = poem.theme ?? poem.title;
  return `A poem ${OF_EMOTION[poem.emotion]}${about === undefined ? '' : ` about ${about}`}`;
}

/** Text before the first line; `examples` how many poems are shown first. */
export function preamble(poem: PoemSoFar, examples: number): string {
  return [...EXAMPLES.slice(0, examples), `${heading(poem)}\n\n`].join('\n\n\n');
}

/** What follows a finished poem to make a model name it; the quotation mark stays open. */
export const TITLE_CUE = '\n\n\nThe title of this poem is "';
