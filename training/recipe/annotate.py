#!/usr/bin/env python3
"""Step 1: poems -> annotated pieces (at most --max-lines lines, cut at stanza ends): emotion, syllables and end words, rhyme scheme.

  python3 annotate.py --corpus corpus/ --cmudict cmudict.json --out annotated/

Emotion: hand-written seed words -> PPMI + truncated SVD word vectors of this corpus -> a weighted word list -> z-score of the piece against
the corpus -> the highest label if it is clear (--min-z, and --margin above the second), else neutral. No third-party lexicon is used.
Labels are given to pieces, not to whole poems, so that the label describes the text that follows it.
Quotation marks and brackets are taken out of the text of most poems (--keep-quotes): a small model does not learn to balance them.
Needs numpy and scipy.
"""
import argparse, collections, gzip, json, os, random, re
import numpy as np
import scipy.sparse as sp
import prosody

SEEDS = dict(
    anger="anger angry wrath wrathful rage raging raged fury furious ire vengeance revenge avenge hate hated hatred fierce curse curses cursed "
          "accursed scorn scornful defiance defy enraged indignant indignation resentment spite malice quarrel smite smote strife tyrant tyrants "
          "oppressor savage outrage slay threat threatened rebel wroth burning blows snarl",
    anticipation="hope hopes hoping hopeful await awaits awaiting wait waits waiting waited tomorrow to-morrow future soon expect expectation expectant "
          "promised morrow yearn yearning eager eagerly prepare approach approaching prophet prophecy prophetic dawning prospect horizon "
          "onward forward quest seek seeking voyage ambition aspire impatient watch watching someday presage",
    disgust="loathe loathed loathing loathsome foul filth filthy vile corrupt corruption rotten rot rank stench stink stinking reek putrid disgust "
          "disgusting hideous ugly slime slimy worms maggots leprous polluted pollution carrion vermin toad toads unclean sickening nauseous poison "
          "poisonous venom gluttony hypocrite hypocrites knave knaves shameful despise contempt sordid greed mud dung vulgar bloated swine",
    fear="fear fears fearful fearing dread dreadful terror terrors terrible fright frightened affright affrighted horror horrors horrible ghastly ghost "
         "ghosts spectre spectral haunted haunt tremble trembling trembled shudder shuddering quake afraid panic danger perilous shriek "
         "shrieks nightmare ghostly grim demon demons fiend fiends aghast creeping lurk lurking phantom phantoms scared",
    joy="joy joys joyful joyous glad gladness gladly happy happiness merry mirth laugh laughs laughing laughter delight delights delighted delightful "
        "smiling gay gaily blithe bliss blissful cheer cheerful cheerily rejoice rejoicing dance dances dancing singing jolly sunshine carol carols "
        "jubilant glee gleeful feast revel merriment sport playful merrily jocund",
    sadness="sad sadly sadness sorrow sorrows sorrowful grief griefs grieve grieving weep weeps weeping wept tear tears mourn mourns mourning mournful "
            "lament lamenting woe woes woeful sigh sighs sighing despair lonely forlorn desolate melancholy bereaved heartbroken farewell dirge "
            "regret anguish loneliness nevermore weary sobs sobbing lonesome",
    surprise="surprise surprised sudden suddenly wonder wondering wonders wondrous amaze amazed amazement astonished astonishment astonish marvel "
             "marvelled marvels marvellous strange strangely startled startle startling behold unexpected unawares miracle miracles magic "
             "mysterious mystery enchanted enchantment portent unlooked dazzled bewildered unheard wonderful",
    trust="trust trusts trusted trusting trustful faith faithful faithfully loyal loyalty friend friends friendship friendly constant constancy "
          "steadfast believe believes believed belief rely confide confiding confidence sure surely secure safe safely safety protect protecting "
          "protector shelter guard guardian honest blessing helper assured vow vows pledge promise prayer saviour")
EMO = list(SEEDS)
TOK = re.compile(r"[a-zà-ÿ]+(?:'[a-zà-ÿ]+)*")
STOP = set("the and of to a in i that my with his is her for he all as on it but thy you not she from me by thou be this their they so at we when or "
           "like no was which are your what our who then o him have shall will there where were one thee if its has had more now up how an out do them "
           "can am us did does than may would should could must let here too very such some any each every these those into upon oh ah ye hath doth "
           "art hast dost 'tis tis 'twas shalt wilt er".split())
ARCHAIC = re.compile(r"\b(?:thee|thou|thy|thine|thyself|ye|hath|doth|dost|hast|art|shalt|wilt|wert|didst|ere|o'er|e'er|ne'er|'tis|'twas|tis|twas|"
                     r"whence|thence|hither|thither|quoth|methinks|yon|yonder|oft|nigh|betwixt|lo|forsooth|swain|[a-z]+eth|[a-z]+'st|[a-z]+'d)\b")


def clean(s):
    """Without quotation marks and brackets."""
    s = re.sub(r'["()\[\]]', '', s)
    s = re.sub(r"\s+([,.;:!?])", r"\1", s)
    return re.sub(r"\s{2,}", ' ', s).strip()


def pieces(r, most):
    """Stanza-aligned pieces of at most `most` lines."""
    out, cur, k = [], [], 0
    for st in r['stanzas']:
        for i in range(0, len(st), most):
            p = st[i:i + most]
            if k and k + len(p) > most:
                out.append(cur); cur, k = [], 0
            cur.append(p); k += len(p)
    if cur:
        out.append(cur)
    return [c for c in out if sum(map(len, c)) >= 4]


def vectors(docs, nvoc=16000, dim=100, win=5, seed=1):
    """PPMI + randomised SVD word vectors; docs: lists of words."""
    cnt = collections.Counter()
    for t in docs:
        cnt.update(t)
    vocab = [w for w, c in cnt.most_common(nvoc) if c >= 15]
    ix = {w: i for i, w in enumerate(vocab)}
    V = len(vocab)
    flat = []
    for t in docs:
        flat += [ix.get(w, -1) for w in t]; flat += [-1] * win
    a = np.array(flat, np.int64)
    M = sp.csr_matrix((V, V), dtype=np.float32)
    for d in range(1, win + 1):
        x, y = a[:-d], a[d:]
        k = (x >= 0) & (y >= 0)
        key, c = np.unique(x[k] * V + y[k], return_counts=True)
        M = M + sp.csr_matrix((c.astype(np.float32) / d, (key // V, key % V)), shape=(V, V))
    M = (M + M.T).tocoo()
    tot = M.data.sum()
    rs = np.asarray(M.tocsr().sum(1)).ravel()
    ctx = rs ** .75; ctx = ctx / ctx.sum()
    pmi = np.log(M.data / tot / (rs[M.row] / tot) / ctx[M.col])
    k = pmi > 0
    P = sp.csr_matrix((pmi[k].astype(np.float32), (M.row[k], M.col[k])), shape=(V, V))
    rng = np.random.default_rng(seed)
    Q = rng.standard_normal((V, dim + 20)).astype(np.float32)
    for _ in range(4):
        Q, _ = np.linalg.qr(P @ Q)
    B = (P.T @ Q).T
    u, s, _ = np.linalg.svd(B, full_matrices=False)
    E = (Q @ u)[:, :dim] * np.sqrt(s[:dim])
    E = E - E.mean(0)
    E /= np.linalg.norm(E, axis=1, keepdims=True) + 1e-9
    return vocab, ix, E, cnt


def lexicon(vocab, ix, E):
    """Word x emotion weights: 1 for a seed, up to .6 for words whose vectors lie clearly nearest to one emotion's seeds."""
    C, S = [], {}
    for e in EMO:
        ws = [w for w in SEEDS[e].split() if w in ix]
        S[e] = set(ws)
        v = E[[ix[w] for w in ws]]
        c = v.mean(0)
        for _ in range(2):                                 # seeds with stray senses count less
            w = np.clip(v @ (c / np.linalg.norm(c)), .05, None)
            c = (v * w[:, None]).sum(0)
        C.append(c / np.linalg.norm(c))
    C = np.array(C)
    sim = E @ C.T
    z = (sim - sim.mean(0)) / sim.std(0)
    own = z - np.sort(z, 1)[:, -2:-1] * .5 - z.mean(1, keepdims=True) * .5
    W = np.zeros((len(vocab), len(EMO)), np.float32)
    top = z.argmax(1)
    for i in range(len(vocab)):
        j = top[i]
        if z[i, j] > 2.1 and own[i, j] > .9:
            W[i, j] = min(.6, .25 * z[i, j] - .2)
    for j, e in enumerate(EMO):
        for w in S[e]:
            W[ix[w], :] *= .0; W[ix[w], j] = 1.0
    return W


def main():
    ap = argparse.ArgumentParser()
    a = ap.add_argument
    a('--corpus', required=True); a('--cmudict', required=True); a('--out', required=True); a('--max-lines', type=int, default=24)
    a('--svd-poems', type=int, default=40000); a('--min-z', type=float, default=1.3); a('--margin', type=float, default=.35)
    a('--keep-quotes', type=float, default=.15, help='share of the poems that keep quotation marks and brackets'); a('--seed', type=int, default=1)
    A = ap.parse_args()
    prosody.load(A.cmudict)
    os.makedirs(A.out, exist_ok=True)
    rng = random.Random(A.seed)

    def read(s):
        out = []
        for l in gzip.open(os.path.join(A.corpus, s + '.jsonl.gz'), 'rt', encoding='utf8'):
            r = json.loads(l)
            if r.get('epic'):                                    # 2,754 excerpts of Homer, Vergil and Milton: not what is wanted
                continue
            if rng.random() >= A.keep_quotes:
                r['stanzas'] = [[y for y in map(clean, st) if y] for st in r['stanzas']]
                r['stanzas'] = [st for st in r['stanzas'] if st]
                r['title'] = clean(r['title']) if r['title'] else None
            ps = pieces(r, A.max_lines)
            n = sum(map(len, r['stanzas']))
            low = ' '.join(y for st in r['stanzas'] for y in st).lower()
            arch = len(ARCHAIC.findall(low)) / max(1, n)
            for k, p in enumerate(ps):
                out.append(dict(id=r['id'], title=r['title'], author=r['author'], born=r.get('born') or r.get('year') or 1800, modern=bool(r.get('modern')),
                                excerpt=r['excerpt'], part=k, parts=len(ps), archaic=round(arch, 3), stanzas=p))
        return out
    D = {s: read(s) for s in ('train', 'verse-extra', 'valid', 'test')}
    D['train'] += D.pop('verse-extra')
    words = {s: [[w for w in TOK.findall(' '.join(l for st in r['stanzas'] for l in st).lower()) if w not in STOP] for r in D[s]] for s in D}
    vocab, ix, E, cnt = vectors([words['train'][i] for i in rng.sample(range(len(D['train'])), min(A.svd_poems, len(D['train'])))])
    W = lexicon(vocab, ix, E)
    for j, e in enumerate(EMO):
        x = sorted(((float(W[i, j]), w) for i, w in enumerate(vocab) if W[i, j] > 0 and w not in SEEDS[e].split()), reverse=True)
        print(e, len(x), ' '.join(w for _, w in x)[:260], flush=True)
    json.dump({e: {w: round(float(W[i, j]), 2) for i, w in enumerate(vocab) if W[i, j] > 0} for j, e in enumerate(EMO)},
              open(os.path.join(A.out, 'emotion_lexicon.json'), 'w'))
    idf = np.array([min(1.0, 2.5 / np.log10(10 + cnt[w])) for w in vocab])
    WI = W * idf[:, None]

    def score(t, title):
        t = t + [w for w in TOK.findall((title or '').lower()) if w not in STOP] * 2
        v = np.zeros(len(EMO))
        for w, c in collections.Counter(t).items():
            i = ix.get(w)
            if i is not None:
                v += WI[i] * (1 + np.log(c))                     # repeated words count less and less
        n = max(8, len(t))
        return v / n, n
    X, N = {}, {}
    for s in D:
        q = [score(t, r['title'] if r['part'] == 0 else None) for t, r in zip(words[s], D[s])]
        X[s] = np.array([x for x, _ in q]); N[s] = np.array([n for _, n in q])
    mu = X['train'].mean(0)
    basis = lambda n: np.stack([1 / n, np.ones(len(n))], 1)      # the spread of a mean falls with length: variance = a / n + b
    coef, *_ = np.linalg.lstsq(basis(N['train']), (X['train'] - mu) ** 2, rcond=None); coef = np.clip(coef, 1e-7, None)
    zt = (X['train'] - mu) / np.sqrt(basis(N['train']) @ coef)
    off = np.zeros(len(EMO))

    def label(z):
        o = np.sort(z, 1)
        return np.where((o[:, -1] >= A.min_z) & (o[:, -1] - o[:, -2] >= A.margin), z.argmax(1), len(EMO)), o[:, -1]
    for _ in range(60):                                          # offsets: about even labels, so that each is learned
        lab, _ = label(zt + off)
        f = np.bincount(lab, minlength=len(EMO) + 1)[:len(EMO)] / len(lab)
        off = np.clip(off + .3 * np.clip(f.mean() - f, -.05, .05) * 10, -.5, .5)
    for s in D:
        lab, top = label((X[s] - mu) / np.sqrt(basis(N[s]) @ coef) + off)
        c = collections.Counter()
        with gzip.open(os.path.join(A.out, s + '.jsonl.gz'), 'wt', encoding='utf8', compresslevel=3) as f:
            for r, y, z in zip(D[s], lab, top):
                r['emotion'] = (EMO + ['neutral'])[y]; r['ez'] = round(float(z), 2); c[r['emotion']] += 1
                r['end'] = [[prosody.end_word(l) for l in st] for st in r['stanzas']]
                r['syl'] = [[prosody.line_syllables(l) for l in st] for st in r['stanzas']]
                r['scheme'] = [prosody.scheme(st) for st in r['end']]
                f.write(json.dumps(r, ensure_ascii=False, separators=(',', ':')) + '\n')
        print(s, len(D[s]), {k: f'{v / len(D[s]):.3f}' for k, v in c.most_common()}, flush=True)


if __name__ == '__main__':
    main()
