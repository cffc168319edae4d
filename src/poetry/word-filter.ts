/**
 * The visible word filter: slurs and abuse in what a model wrote. Whole words with their inflections, so that no innocent
 * word that holds one (`niggardly`, `Scunthorpe`) trips it. The list is shifted by thirteen letters to keep it off the page.
 */

import { fold, wordsOf } from './words.ts';

const shift = (text: string): string =>
  text.replace(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97));

const ROOTS = new Set(
  shift(
    'nefrubyr nffubyr ovgpu ohyyfuvg puvanzna puvanzra pbpxfhpxre pbbyvr phag qntb qnexvr qnexl qvpxurnq ' +
    'snt snttbg shpx shpxre tbyyvjbt tbbx tlccb unysoerrq uvgyre vawha wnc wvtnobb xnssve xvxr yrfob ' +
    'zbatbybvq zbgureshpxre zhynggb anmv arterff arteb avttn avttre avten cnrqbcuvyr cnxv crqbcuvyr ' +
    'cvppnavaal cvpxnavaal cvxrl cbbsgre enturnq encr encre encvfg erqfxva ergneq fnzob furral furznyr ' +
    'fuvg fuvgurnq fyhg fcnfgvp fcvpx fdhnj gbjryurnq genaal gjng jnaxre jrgonpx juber jbc lvq',
  ).split(' '),
);

const ENDINGS = ['', 's', 'es', 'ed', 'd', 'ing', 'in', 'er', 'ers', 'y', 'ies'];
const DISGUISES: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '@': 'a', $: 's', '!': 'i' };

/** The spellings that a word may be an inflection of. */
function stems(word: string): string[] {
  return ENDINGS.filter((ending) => word.endsWith(ending)).flatMap((ending) => {
    const stem = ending === '' ? word : word.slice(0, -ending.length);
    if (ending === 'in' && stem.length < 4) return [];
    const restored = ending === 'ies' ? [`${stem}y`] : /^[ei]/.test(ending) ? [stem, `${stem}e`] : [stem];
    return stem.length > 3 && stem.at(-1) === stem.at(-2) ? [...restored, stem.slice(0, -1)] : restored;
  });
}

function isAbuse(word: string): boolean {
  return stems(word).some((stem) => ROOTS.has(stem));
}

/**
 * The words of a text that the filter refuses, as they stand there, in order.
 * Letters written as digits or signs are read as letters.
 */
export function abuseIn(text: string): string[] {
  const plain = text.replace(/(?<=\p{L})[013451@$!](?=\p{L})/gu, (sign) => DISGUISES[sign] ?? sign);
  const words = wordsOf(plain).flatMap((word) => word.split('-'));
  return words.filter((word) => isAbuse(fold(word).replace(/'s?$|^'/g, '')));
}
