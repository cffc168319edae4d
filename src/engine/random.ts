/** Seeded random numbers: the same seed and stream numbers give the same sequence on every machine. */

import type { RandomStream } from './types.ts';

/** The finalizer of SplitMix32 / MurmurHash3: every bit of the input changes about half of the output's. */
function mix(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

const GOLDEN = 0x9e3779b9;

/** The four state words of sfc32 from a seed and a path of stream numbers, order and length of the path included. */
function initialState(seed: number, stream: readonly number[]): [number, number, number, number] {
  let hash = mix((seed >>> 0) + GOLDEN);
  for (const number of stream) {
    const low = number >>> 0;
    // Numbers above 2^32 keep their upper half, negative ones their sign.
    const high = Math.floor(number / 0x100000000) >>> 0;
    hash = mix(hash ^ mix(low + GOLDEN));
    hash = mix(Math.imul(hash, 0x9e3779b1) + (high ^ 0x5bd1e995));
  }
  const words: number[] = [];
  for (let i = 0; i < 4; i++) {
    hash = (hash + GOLDEN) >>> 0;
    words.push(mix(hash));
  }
  return words as [number, number, number, number];
}

/**
 * An independent stream of uniform numbers in [0, 1) with 32 bits each (sfc32, Chris Doty-Humphrey's PractRand).
 * @param seed uint32.
 * @param stream names the stream below the seed (e.g. line and candidate): it does not depend on what was drawn before.
 */
export function randomStream(seed: number, ...stream: number[]): RandomStream {
  let [a, b, c, counter] = initialState(seed, stream);
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x100000000;
  };
  // The first outputs still resemble the seed words.
  for (let i = 0; i < 12; i++) next();
  return { next };
}
