// Writes data/core.ts: what prosody can say at once, before the dictionary is loaded, in a few kilobytes. From spelling to
// rhyming part by the longest known word end, exact for the model's end words; and the syllable counts that the
// vowel-group rule gets wrong.
// Run: node src/poetry/pack-core.mjs END_WORDS.json SYLLABLES.json
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dictionary } from 'cmu-pronouncing-dictionary';

const [endWords, exceptions] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const LONGEST_SUFFIX = 7;
const OTHER_WORD = 0.25;
const LEAST_GAIN = 8;

function partOf(sounds) {
  const list = sounds.replace(/ #.*$/, '').trim().split(' ');
  for (const mark of ['1', '2', '0']) {
    const at = list.findLastIndex((sound) => sound.endsWith(mark));
    if (at >= 0) return list.slice(at).map((sound) => sound.replace(/\d/, '')).join(' ');
  }
  return undefined;
}

const newNode = () => ({ votes: new Map(), next: new Map() });

/** A trie from the ends of words, each node with votes for rhyming parts; `^` stands before a word's first letter. */
function grow(words) {
  const root = newNode();
  for (const [word, part, weight] of words) {
    let node = root;
    for (const letter of [...`^${word}`].reverse()) {
      node.votes.set(part, (node.votes.get(part) ?? 0) + weight);
      if (!node.next.has(letter)) node.next.set(letter, newNode());
      node = node.next.get(letter);
    }
    node.votes.set(part, (node.votes.get(part) ?? 0) + weight);
  }
  return root;
}

const best = (votes) => [...votes].reduce((top, vote) => (vote[1] > top[1] ? vote : top), ['', 0]);

/** Walks down; a suffix is written where its majority differs from what shorter ones say, by enough. */
function prune(node, suffix, inherited, out) {
  let said = inherited;
  const [part, votes] = best(node.votes);
  const whole = suffix.startsWith('^');
  const gain = votes - (node.votes.get(inherited) ?? 0);
  if (part !== inherited && (suffix.length <= LONGEST_SUFFIX || whole) && gain >= LEAST_GAIN) {
    (out[part] ??= []).push(suffix);
    said = part;
  }
  for (const [letter, next] of node.next) prune(next, letter + suffix, said, out);
  return out;
}

function trainingWords() {
  const words = [];
  for (const [word, sounds] of Object.entries(dictionary)) {
    if (!/^[a-z]+$/.test(word)) continue;
    const count = endWords[word]?.[0];
    words.push([word, partOf(sounds), count ? 3 + Math.log2(count) : OTHER_WORD]);
  }
  return words.filter(([, part]) => part);
}

const suffixes = prune(grow(trainingWords()), '', '', {});
const rhymes = Object.entries(suffixes)
  .map(([part, list]) => `${part}:${list.sort().join(',')}`)
  .sort()
  .join(';');
const counts = {};
for (const [word, count] of Object.entries(exceptions)) (counts[count] ??= []).push(word);
const syllables = Object.entries(counts)
  .map(([count, words]) => `${count}:${words.sort().join(',')}`)
  .join(';');
writeFileSync(
  fileURLToPath(new URL('data/core.ts', import.meta.url)),
  '/** Written by pack-core.mjs. `part:suffix,suffix;...`: the rhyming part of words by their longest listed end. */\n' +
    `export const SUFFIX_RHYMES =\n  ${JSON.stringify(rhymes)};\n\n` +
    '/** `count:word,word;...`: syllables of words that the vowel-group rule miscounts. */\n' +
    `export const SYLLABLE_EXCEPTIONS =\n  ${JSON.stringify(syllables)};\n`,
);
process.stdout.write(`${Object.values(suffixes).flat().length} suffixes, ${rhymes.length + syllables.length} characters\n`);
