// Packs CMUdict (npm: cmu-pronouncing-dictionary) into the table that pronunciation.ts reads.
// Run: node src/poetry/pack-dictionary.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { dictionary } from 'cmu-pronouncing-dictionary';

const CONSONANTS = 'B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH'.split(' ');
const VOWELS = 'AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW'.split(' ');
const PHONEMES = [...CONSONANTS, ...VOWELS.flatMap((vowel) => [`${vowel}0`, `${vowel}1`, `${vowel}2`])];
const CODE = new Map(PHONEMES.map((phoneme, index) => [phoneme, index + 1]));
const [VARIANT, END] = [0xfe, 0xff];
const BLOCK = 64;

/** Word -> pronunciations, the first one first. */
function group() {
  const words = new Map();
  for (const [key, value] of Object.entries(dictionary)) {
    const word = key.replace(/\(\d+\)$/, '');
    const list = words.get(word) ?? [];
    const clean = value.replace(/ #.*$/, '').trim();
    if (!list.includes(clean)) list.push(clean);
    words.set(word, list);
  }
  return words;
}

/** The regular possessive of a pronunciation; pronunciation.ts forms the same. */
function possessive(pronunciation) {
  const last = pronunciation.split(' ').at(-1);
  if (['S', 'Z', 'SH', 'ZH', 'CH', 'JH'].includes(last)) return `${pronunciation} AH0 Z`;
  return `${pronunciation} ${['P', 'T', 'K', 'F', 'TH'].includes(last) ? 'S' : 'Z'}`;
}

function isRegularPossessive(word, words) {
  const base = word.endsWith("'s") ? words.get(word.slice(0, -2)) : undefined;
  return base !== undefined && base.map(possessive).join('|') === words.get(word).join('|');
}

function pack() {
  const words = group();
  const kept = [...words.keys()].filter((word) => !isRegularPossessive(word, words)).sort();
  const prefixes = [];
  const suffixes = [];
  const sounds = [];
  let previous = '';
  for (const [index, word] of kept.entries()) {
    if (index % BLOCK === 0) previous = ''; // A block's first word is written in full, so that it can be found.
    let shared = 0;
    while (shared < previous.length && shared < word.length && previous[shared] === word[shared]) shared++;
    prefixes.push(shared);
    suffixes.push(word.slice(shared));
    words.get(word).forEach((pronunciation, variant) => {
      if (variant > 0) sounds.push(VARIANT);
      for (const phoneme of pronunciation.split(' ')) sounds.push(CODE.get(phoneme));
    });
    sounds.push(END);
    previous = word;
  }
  const text = Buffer.from(`${suffixes.join('\n')}\n`, 'latin1');
  const header = Buffer.alloc(12);
  [kept.length, text.length, sounds.length].forEach((length, index) => header.writeUInt32LE(length, 4 * index));
  return Buffer.concat([header, Buffer.from(prefixes), text, Buffer.from(sounds)]);
}

const packed = gzipSync(pack(), { level: 9 });
packed[9] = 255; // The gzip header's system byte, so that every machine writes the same file.
const root = new URL('../../', import.meta.url);
mkdirSync(fileURLToPath(new URL('public/data/', root)), { recursive: true });
writeFileSync(fileURLToPath(new URL('public/data/pronunciations.bin', root)), packed);
writeFileSync(
  fileURLToPath(new URL('src/poetry/data/pronunciations.ts', root)),
  '/** Written by pack-dictionary.mjs from CMUdict (BSD-2-Clause): gzip of the packed table, in base64. */\n' +
    `export const PRONUNCIATIONS =\n  '${packed.toString('base64')}';\n`,
);
process.stdout.write(`${packed.length} bytes\n`);
