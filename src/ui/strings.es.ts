import { type Strings, english } from './strings.ts';

export const spanish: Strings = english;
