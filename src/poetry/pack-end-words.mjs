// Packs the model's table of end words ({word: [count, rhyming part, syllables]}) into public/data/end-words.json.
// Run: node src/poetry/pack-end-words.mjs END_WORDS.json
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dictionary } from 'cmu-pronouncing-dictionary';

const bare = (sounds) => sounds.map((sound) => sound.replace(/\d/, '')).join(' ');

/** Rhyming parts from the last primary stress, and from the last stress of any kind. */
function partsOf(word) {
  const sounds = dictionary[word]?.replace(/ #.*$/, '').trim().split(' ');
  if (!sounds) return [];
  return [/1$/, /[12]$/].map((stress) => {
    const at = sounds.findLastIndex((sound) => stress.test(sound));
    return at < 0 ? '' : bare(sounds.slice(at));
  });
}

/**
 * A word is kept where every reading of "last stressed vowel" gives the part that the model learnt: a rhyme drawn
 * from the table then holds for any judge. Words that CMUdict lacks, and those without a stress, are left out.
 */
function isPlain(word, part) {
  const parts = partsOf(word);
  return parts.length > 0 && parts.every((other) => other === part);
}

/** Words that the word filter refuses (shifted by thirteen letters). */
const REFUSED = new Set(['ergneq', 'encr', 'ovgpu']);
const shift = (word) => word.replace(/[a-z]/g, (x) => String.fromCharCode(((x.charCodeAt(0) - 84) % 26) + 97));

const source = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const parts = {};
let kept = 0;
for (const [word, [count, part, syllables]] of Object.entries(source)) {
  if (!/^[a-z']+$/.test(word) || !isPlain(word, part) || REFUSED.has(shift(word))) continue;
  (parts[part] ??= []).push(`${word} ${count} ${syllables}`);
  kept++;
}
const packed = Object.fromEntries(Object.entries(parts).map(([part, words]) => [part, words.join(',')]));
writeFileSync(
  fileURLToPath(new URL('../../public/data/end-words.json', import.meta.url)),
  `${JSON.stringify({ version: 1, parts: packed }, undefined, 0)}\n`,
);
process.stdout.write(`${kept} of ${Object.keys(source).length} words, ${Object.keys(parts).length} parts\n`);
