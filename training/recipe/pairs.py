#!/usr/bin/env python3
"""Blind comparison of two models: pairs of eight-line poems, same request and decoder (compose.py), in shuffled order.

  python3 pairs.py --old old.pt --new run/final.pt --tokenizer tokenizer/tokenizer.json --cmudict cmudict.json --end-words end_words.json --out pairs/

Writes pairs.md (A and B, to be read first) and key.json (which of the two is the new model, to be opened after the verdicts).
"""
import argparse, json, os, random
import prosody
from compose import Composer
from model import load
from tokenizer import Tok

REQUESTS = [('joy', 'A Morning in May'), ('sadness', 'The Empty Chair'), ('fear', 'The House in the Wood'), ('anger', 'To a Tyrant'), ('trust', 'My Friend'),
            ('surprise', 'The First Snow'), ('anticipation', 'Waiting for the Ship'), ('disgust', 'The Miser'), ('neutral', 'The River'), ('sadness', 'Autumn Rain'),
            ('joy', None), ('fear', None), ('anger', None), ('trust', None), ('sadness', None), ('surprise', None), ('anticipation', None), ('neutral', 'The Old Road'),
            ('joy', 'The Children'), ('fear', 'The Sea at Night')]
FORMS = [('abab cdcd', (8,)), ('abab cdcd', (8, 6)), ('aabb ccdd', (10,))]


def main():
    ap = argparse.ArgumentParser(); a = ap.add_argument
    a('--old', required=True); a('--new', required=True); a('--tokenizer', required=True); a('--cmudict', required=True); a('--end-words', required=True); a('--out', required=True)
    a('--candidates', type=int, default=6); a('--lexicon'); a('--seed', type=int, default=11)
    A = ap.parse_args()
    os.makedirs(A.out, exist_ok=True)
    prosody.load(A.cmudict); E = json.load(open(A.end_words)); T = Tok(A.tokenizer); rng = random.Random(A.seed); key = []
    C = {}
    for n in ('old', 'new'):
        C[n] = Composer(load(getattr(A, n))[0], T, E, A.candidates, seed=A.seed, lexicon=json.load(open(A.lexicon)) if A.lexicon else None); C[n].known = set(prosody._cmu) | set(E)
    with open(os.path.join(A.out, 'pairs.md'), 'w') as f:
        for i, (emo, title) in enumerate(REQUESTS):
            scheme, syl = FORMS[i % 3]
            order = ['old', 'new']; rng.shuffle(order); key.append(dict(pair=i + 1, new='AB'[order.index('new')]))
            f.write(f"## {i + 1}. {emo}{', title: ' + title if title else ''}; {scheme}, syllables {'-'.join(map(str, syl))}\n\n")
            for letter, n in zip('AB', order):
                p = C[n].poem(emo, scheme, syl, title); last = 0
                f.write(f'**{letter}**\n\n```\n')
                for _, _, t, st in p['lines']:
                    f.write(('\n' if st != last else '') + t + '\n'); last = st
                f.write('```\n\n')
            f.flush()
    json.dump(key, open(os.path.join(A.out, 'key.json'), 'w'))


if __name__ == '__main__':
    main()
