import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { abuseIn } from './word-filter.ts';

const unshift = (text: string) =>
  text.replace(/[a-z]/gi, (letter) => {
    const base = letter < 'a' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });

describe('abuseIn', () => {
  it.each(['avttre', 'Avttref', 'shpxvat', 'Juberf', "fyhg'f", 'snttbgf', 'encvat', 'encrq', 'encr', 'shpx', 'whore-fba'])(
    'finds %s (shifted)',
    (word) => {
      expect(abuseIn(`And all the ${unshift(word)}, here`)).toHaveLength(word === 'whore-fba' ? 0 : 1);
    },
  );

  it('reads signs as letters, and gives the words as they stand', () => {
    expect(abuseIn(unshift('gur f1hg naq gur Shpxre'))).toEqual([unshift('Shpxre')]);
    expect(abuseIn(unshift('gur f!hg').replace('f!', 's!'))).toEqual([]);
    expect(abuseIn(unshift('gur avttn').replace('i', '1'))).toHaveLength(1);
  });

  it.each([
    'He was niggardly in Scunthorpe; the assassin passed the grape and the drape,',
    'A chink of light, the cock, the ass, a bunch of faggotry-wood? no: a pussycat, a shuttlecock',
    'Therapist, scrape, parapet, snigger, shitake, sextant, Essex, cocktail, Dickens, nipped, Yiddish, Japan',
    'gay, queer and merry; the bastard wind; damned, hell, devil',
    '',
  ])('passes %j', (text) => {
    expect(abuseIn(text)).toEqual([]);
  });

  it('passes the end words of the rhyme table but for its own', () => {
    const { parts } = JSON.parse(readFileSync(new URL('../../public/data/end-words.json', import.meta.url), 'utf8'));
    const words = Object.values<string>(parts).flatMap((list) => list.split(',').map((entry) => entry.split(' ')[0]!));
    expect(words.filter((word) => abuseIn(word).length > 0).map(unshift)).toEqual([]);
  });
});
