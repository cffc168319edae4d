// Writes data/core.ts: what prosody can say before the dictionary is loaded, in about 9 kB. From spelling to rhyming
// part, and to the error of the vowel-group rule, by the longest listed word end; near exact for the words of poems.
// Run: node src/poetry/pack-core.mjs END_WORDS.json SYLLABLES.json CORPUS.jsonl.gz
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { dictionary } from 'cmu-pronouncing-dictionary';
import { runnerImport } from 'vite';

const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url));
const { guessSyllables } = (await runnerImport(fromHere('syllables.ts'))).module;
const { RHYME_ALPHABET, rhymePartOf } = (await runnerImport(fromHere('phonemes.ts'))).module;
const [endWords, exceptions] = process.argv.slice(2, 4).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const CORPUS_BYTES = 12_000_000;
const OTHER_WORD = 0.25;

const soundsOf = (word) => dictionary[word]?.replace(/ #.*$/, '').trim();
const newNode = () => ({ votes: new Map(), next: new Map() });

/** A trie from the ends of words, each node with votes for labels; `^` stands before a word's first letter. */
function grow(words) {
  const root = newNode();
  const vote = (node, label, weight) => node.votes.set(label, (node.votes.get(label) ?? 0) + weight);
  for (const [word, label, weight] of words) {
    let node = root;
    vote(node, label, weight);
    for (const letter of [...`^${word}`].reverse()) {
      if (!node.next.has(letter)) node.next.set(letter, newNode());
      node = node.next.get(letter);
      vote(node, label, weight);
    }
  }
  return root;
}

/** Walks down; an end (written backwards) is kept where its majority differs from what shorter ones say, by `gain`. */
function prune(node, gain, end = '', inherited = undefined, out = []) {
  const [label, votes] = [...node.votes].reduce((top, vote) => (vote[1] > top[1] ? vote : top));
  const differs = label !== inherited && votes - (node.votes.get(inherited) ?? 0) >= gain;
  if (differs) out.push([end, label]);
  for (const [letter, next] of node.next) prune(next, gain, end + letter, differs ? label : inherited, out);
  return out;
}

/** Each entry: how much of the end before it goes on (one digit), the rest of its own, its label. */
function frontCode(entries) {
  let [out, previous] = ['', ''];
  for (const [end, label] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    let shared = 0;
    while (shared < Math.min(9, end.length, previous.length) && end[shared] === previous[shared]) shared++;
    out += shared + end.slice(shared) + label;
    previous = end;
  }
  return out;
}

const rhymeLabel = (part) => part.split(' ').map((phoneme) => RHYME_ALPHABET.get(phoneme)).join('');

function rhymingWords() {
  const known = Object.keys(dictionary).filter((word) => /^[a-z]+$/.test(word));
  return known.map((word) => {
    const count = endWords[word]?.[0];
    return [word, rhymeLabel(rhymePartOf(soundsOf(word))), count ? 3 + Math.log2(count) : OTHER_WORD];
  });
}

/** Words of the corpus with the difference between their syllables and the rule's, as a letter: `D` is none. */
function miscounted() {
  const counts = new Map();
  const text = gunzipSync(readFileSync(process.argv[4])).subarray(0, CORPUS_BYTES).toString();
  for (const word of text.toLowerCase().match(/[a-z']+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .filter(([word, count]) => /^[a-z]+$/.test(word) && count > 1 && soundsOf(word))
    .map(([word, count]) => {
      const real = exceptions[word] ?? Math.max(1, soundsOf(word).replace(/\D/g, '').length);
      return [word, 'ABCDEFG'[real - guessSyllables(word) + 3], 1 + Math.log2(count)];
    });
}

/** An end earns its place by these votes: lower is more exact and larger. At 9.6 words seen 100 times or more are right. */
const RHYME_GAIN = 9.6;
const SYLLABLE_GAIN = 5;
const rhymes = frontCode(prune(grow(rhymingWords()), RHYME_GAIN));
const errors = frontCode(prune(grow(miscounted()), SYLLABLE_GAIN));
writeFileSync(
  fromHere('data/core.ts'),
  '/** Written by pack-core.mjs. Front-coded word ends, spelled backwards, with their rhyming parts. */\n' +
    `export const RHYMES_BY_END =\n  '${rhymes}';\n\n` +
    '/** Front-coded word ends with what the vowel-group rule misses: D nothing, E one, C one too many. */\n' +
    `export const SYLLABLES_BY_END =\n  '${errors}';\n`,
);
process.stdout.write(`${rhymes.length} + ${errors.length} characters\n`);
