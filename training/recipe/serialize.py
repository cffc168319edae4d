#!/usr/bin/env python3
"""Step 2: annotated pieces -> token ids (FORMAT.md) with a sampling weight for each document.

  python3 serialize.py --annotated annotated/ --tokenizer tokenizer/tokenizer.json --out data/

Writes data/<split>.{ids,kind,docs,linebytes,weight}.npy: ids uint16; kind uint8 of each token (0 structure, 1 planned end word, 2 text of a
line, 3 title); docs: start offsets; linebytes: bytes of line text of each document; weight: how many times, on average, the trainer
reads the document in one pass (see `weight`).
"""
import argparse, collections, gzip, json, os, random, re
import numpy as np
from tokenizer import Tok, MAXSYL

WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
LIGHT = set('that with this from they them their there then than when where what which whom whose would could should have hath were been your thou thee thine shall will into upon only must more most some such like very even though through till still ever never these those over under before after while again '
            'the and for but not you all her his him she our out who was are had has can may did its now one how why yet nor too off own let say said see saw such thy thus hath doth any ere oft ye upon about because'.split())


def document(r, rng, title_first=.6):
    """-> list of (kind, string), or None when a line has no end word; the joined strings are FORMAT.md's serialisation."""
    whole = r['parts'] == 1 and not r['excerpt']
    t, where = r['title'], None
    if t and r['part'] == 0:
        where = 'before' if not whole or rng.random() < title_first else 'after'
    o = [(0, f"<|poem|><|{r['emotion']}|>")]
    if where == 'before':
        o += [(0, '<|title|>'), (3, t)]
    for i, (st, en, sy) in enumerate(zip(r['stanzas'], r['end'], r['syl'])):
        if i:
            o.append((0, '<|stanza|>'))
        for l, e, s in zip(st, en, sy):
            if not e:
                return None
            o += [(0, f'<|line|><|s{max(1, min(MAXSYL, s))}|>'), (1, ' ' + e), (0, '<|plan|>'), (2, l)]
    o.append((0, '<|end-poem|>'))
    if where == 'after':
        o += [(0, '<|title|>'), (3, t)]
    o.append((0, '<|endoftext|>'))
    return o


def rhymed(r):
    n = sum(len(s) for s in r['scheme'])
    return sum(s.count(c) > 1 for s in r['scheme'] for c in s) / max(1, n)


def same_end(r):
    """Share of the lines whose end word has already ended a line of the stanza."""
    n = sum(map(len, r['end']))
    return sum(v - 1 for st in r['end'] for v in collections.Counter(st).values()) / max(1, n)


def repeats(r):
    """(share of eight-line windows in which a content word stands three times or more, share of lines that begin with the first two words of
    an earlier line)"""
    L = [[w.lower() for w in WORD.findall(l)] for st in r['stanzas'] for l in st]
    win = [L[i:i + 8] for i in range(0, len(L), 8)]
    bad = sum(any(v > 2 for v in collections.Counter(w for l in x for w in l if len(w) > 3 and w not in LIGHT).values()) for x in win)
    heads = collections.Counter(tuple(l[:2]) for l in L)
    return bad / len(win), sum(v - 1 for v in heads.values()) / len(L)


def used(r, min_born=1540, min_rhyme=.5, max_width=58):
    """Is the piece training material? Excerpts of long poems only if they rhyme and have lines of verse length."""
    n = sum(map(len, r['stanzas']))
    return r['born'] >= min_born and not (r['excerpt'] and (rhymed(r) < min_rhyme or sum(len(l) for s in r['stanzas'] for l in s) / n >= max_width))


def weight(r):
    """Whole, titled, rhymed poems in plain diction and with a clear emotion are read more often; archaic, unrhymed, repetitive and refrain-heavy pieces less."""
    whole = r['parts'] == 1 and not r['excerpt']
    rh = rhymed(r)
    w = 1.2 if whole else .8 if not r['excerpt'] else .6
    if r['title'] and r['part'] == 0:
        w *= 1.25
    w *= 1.15 if rh > .75 else 1. if rh > .5 else .6
    a = r['archaic']
    w *= 1.3 if a < .08 else 1.1 if a < .25 else .8 if a < .6 else .5
    if r['born'] >= 1850:
        w *= 1.2
    if r['modern']:
        w *= 1.8
    w *= .45 if r['emotion'] == 'neutral' else 1.3 if r['ez'] < 2 else 1.8
    bad, heads = repeats(r)
    w *= (1.1 if bad == 0 else .7 if bad < .5 else .4) * (1. if heads < .15 else .6 if heads < .3 else .35)
    if same_end(r) > .12:
        w *= .3
    return min(3., w)


def main():
    ap = argparse.ArgumentParser(); a = ap.add_argument
    a('--annotated', required=True); a('--tokenizer', required=True); a('--out', required=True); a('--min-born', type=int, default=1540)
    a('--min-rhyme', type=float, default=.5, help='for excerpts'); a('--max-width', type=float, default=58, help='mean characters a line, for excerpts')
    a('--seed', type=int, default=5)
    A = ap.parse_args()
    os.makedirs(A.out, exist_ok=True)
    T = Tok(A.tokenizer); rng = random.Random(A.seed)
    for split in ('valid', 'test', 'train'):
        docs = []
        for l in gzip.open(os.path.join(A.annotated, split + '.jsonl.gz'), 'rt', encoding='utf8'):
            r = json.loads(l)
            if not used(r, A.min_born, A.min_rhyme, A.max_width):
                continue
            d = document(r, rng)
            if d:
                docs.append((d, weight(r)))
        rng.shuffle(docs)
        ids, kind, at, nb = [], bytearray(), [0], []
        for d, _ in docs:
            b = 0
            for k, s in d:
                t = T.encode(s) if k == 0 else T.plain(s)
                ids += t; kind += bytes([k]) * len(t)
                if k == 2:
                    b += len(s.encode())
            at.append(len(ids)); nb.append(b)
        w = np.array([x for _, x in docs], np.float32)
        for name, v in (('ids', np.array(ids, np.uint16)), ('kind', np.frombuffer(bytes(kind), np.uint8)), ('docs', np.array(at, np.int64)),
                        ('linebytes', np.array(nb, np.int64)), ('weight', w)):
            np.save(os.path.join(A.out, f'{split}.{name}.npy'), v)
        lens = np.diff(at)
        print(split, 'documents', len(docs), 'tokens', len(ids), 'tokens a weighted pass', int((lens * w).sum()), 'mean length', lens.mean().round(1),
              'p90', np.percentile(lens, 90), 'bytes/text token', round(sum(nb) / max(1, kind.count(2)), 3), flush=True)
        for d, _ in docs[:2]:
            print(''.join(s for _, s in d))


if __name__ == '__main__':
    main()
