#!/usr/bin/env python3
"""Trains the emotion classifier that judges generated poems and that generation never uses: multinomial logistic regression on words.

  python3 train_classifier.py --annotated annotated/ --out emotion-classifier.json

Labels: those of annotate.py (8 emotions and neutral). Examples: windows of 8 to 12 lines of the annotated pieces, because the poems that it has
to judge are that short; of the emotional pieces only clear ones. All classes weigh the same. Needs numpy and scipy.
"""
import argparse, base64, collections, gzip, json, os, random, re
import numpy as np
import scipy.optimize, scipy.sparse as sp

CLASSES = ['anger', 'anticipation', 'disgust', 'fear', 'joy', 'sadness', 'surprise', 'trust', 'neutral']
WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")


def features(text):
    return collections.Counter(WORD.findall(text.lower()))


def windows(path, rng, min_z, share_neutral):
    """-> (word counts, class)"""
    for l in gzip.open(path, 'rt', encoding='utf8'):
        r = json.loads(l)
        y = CLASSES.index(r['emotion'])
        if y == 8 and (r['ez'] > .9 or rng.random() > share_neutral) or y < 8 and r['ez'] < min_z:
            continue
        lines = [x for st in r['stanzas'] for x in st]
        n = rng.randint(8, 12)
        k = max(1, round(len(lines) / n))
        for i in range(k):
            w = lines[i * len(lines) // k:(i + 1) * len(lines) // k]
            if len(w) >= 4:
                yield features('\n'.join(w)), y


def matrix(docs, ix):
    at, col, val = [0], [], []
    for c in docs:
        e = [(ix[w], 1 + np.log(n)) for w, n in c.items() if w in ix]
        s = np.sqrt(sum(v * v for _, v in e)) or 1
        col += [i for i, _ in e]; val += [v / s for _, v in e]; at.append(len(col))
    return sp.csr_matrix((np.array(val, np.float32), np.array(col), np.array(at)), shape=(len(docs), len(ix)))


def main():
    ap = argparse.ArgumentParser(); a = ap.add_argument
    a('--annotated', required=True); a('--out', required=True); a('--words', type=int, default=6000); a('--l2', type=float, default=2e-6)
    a('--min-z', type=float, default=1.6); a('--share-neutral', type=float, default=.5); a('--seed', type=int, default=1)
    A = ap.parse_args()
    rng = random.Random(A.seed)
    D = {s: list(windows(os.path.join(A.annotated, s + '.jsonl.gz'), rng, A.min_z, A.share_neutral)) for s in ('train', 'valid', 'test')}
    df = collections.Counter()
    for c, _ in D['train']:
        df.update(c.keys())
    words = sorted(w for w, _ in df.most_common(A.words + 60)[60:])      # the 60 commonest words say nothing
    ix = {w: i for i, w in enumerate(words)}
    X = {s: matrix([c for c, _ in D[s]], ix) for s in D}
    Y = {s: np.array([y for _, y in D[s]]) for s in D}
    K, V = len(CLASSES), len(words)
    x, y = X['train'], Y['train']; xt = x.T.tocsr()
    w = (1 / np.bincount(y, minlength=K))[y]; w /= w.sum()
    hot = np.zeros((len(y), K), np.float32); hot[np.arange(len(y)), y] = 1

    def f(p):
        W, b = p[:V * K].reshape(V, K), p[V * K:]
        z = x @ W + b; z -= z.max(1, keepdims=True)
        e = np.exp(z); s = e.sum(1, keepdims=True)
        g = (e / s - hot) * w[:, None]
        return -(w * ((z * hot).sum(1) - np.log(s[:, 0]))).sum() + A.l2 * (W * W).sum(), np.concatenate([(xt @ g + 2 * A.l2 * W).ravel(), g.sum(0)])
    r = scipy.optimize.minimize(f, np.zeros(V * K + K), jac=True, method='L-BFGS-B', options=dict(maxiter=120))
    W, b = r.x[:V * K].reshape(V, K), r.x[V * K:]
    scale = np.abs(W).max() / 127
    Q = np.round(W / scale).astype(np.int8)
    keep = np.abs(Q).max(1) >= 3                                          # words that hardly count go
    Q, kept = Q[keep], [t for t, k in zip(words, keep) if k]
    rep = {}
    for s in ('valid', 'test'):
        z = X[s][:, np.flatnonzero(keep)] @ (Q * scale) + b
        p = z.argmax(1)
        acc = [float((p[Y[s] == k] == k).mean()) for k in range(K)]
        rep[s] = dict(windows=len(p), accuracy=round(float((p == Y[s]).mean()), 4), mean_class_accuracy=round(float(np.mean(acc)), 4), by_class={c: round(v, 3) for c, v in zip(CLASSES, acc)})
    j = dict(format='log-linear, weights int8 base64, row per word, column per class', classes=CLASSES, words=kept, scale=float(scale), bias=[round(float(v), 5) for v in b],
             weights=base64.b64encode(Q.tobytes()).decode(), examples=len(y), heldOut=rep)
    json.dump(j, open(A.out, 'w'), separators=(',', ':'))
    print(len(y), 'examples', np.bincount(y).tolist(), len(kept), 'words', os.path.getsize(A.out), 'bytes', r.message)
    print(json.dumps(rep, indent=1))
    for k, c in enumerate(CLASSES):
        print(c, ' '.join(kept[i] for i in np.argsort(-Q[:, k].astype(int))[:25]))


if __name__ == '__main__':
    main()
