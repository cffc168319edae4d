#!/usr/bin/env python3
"""Makes the copy guard: a Bloom filter that knows every line of five or more words that the model was trained on.

  python3 make_guard.py --annotated annotated/ --out copy-guard.bin --vectors copy-guard.test.json

Of each line only the five-word run with the smallest hash is stored, so a line that is copied whole always hits. Format: README.md.
Needs numpy.
"""
import argparse, gzip, json, os, re, struct, sys, unicodedata
import numpy as np
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'recipe'))
from serialize import used

N = 5                                                             # words of a run
BITS, K = 9 << 20, 4                                              # 1,179,648 bytes
WORD = re.compile(r"[a-z']+")


def words(line):
    s = unicodedata.normalize('NFD', line.lower().replace('\u2019', "'"))
    s = ''.join(c for c in s if not unicodedata.combining(c))
    return [w for w in (m.strip("'") for m in WORD.findall(s)) if w]


def fnv1a(s):
    h = 0x811C9DC5
    for b in s.encode():
        h = ((h ^ b) * 0x01000193) & 0xFFFFFFFF
    return h


def mix(h):
    """murmur3's 32-bit finaliser"""
    h ^= h >> 16; h = h * 0x85EBCA6B & 0xFFFFFFFF; h ^= h >> 13; h = h * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def fingerprint(line):
    """Smallest hash of the line's five-word runs; None for shorter lines."""
    w = words(line)
    return min((fnv1a(' '.join(w[i:i + N])) for i in range(len(w) - N + 1)), default=None)


def positions(h):
    a, b = mix(h ^ 0x9E3779B9), mix(h ^ 0x7F4A7C15) | 1
    return [((a + i * b) & 0xFFFFFFFF) % BITS for i in range(K)]


def fingerprints(lines):
    """The same for many lines at once."""
    text, start, length, line_of = bytearray(), [], [], []
    for k, l in enumerate(lines):
        w = words(l)
        if len(w) < N:
            continue
        at, p = [], len(text)
        for x in w:
            at.append(p); p += len(x) + 1
        text += ' '.join(w).encode() + b' '
        for i in range(len(w) - N + 1):
            start.append(at[i]); length.append(at[i + N - 1] + len(w[i + N - 1]) - at[i]); line_of.append(k)
    t = np.frombuffer(bytes(text) + b' ' * 400, np.uint8)
    start, length, line_of = np.array(start, np.int64), np.array(length), np.array(line_of)
    h = np.full(len(start), 0x811C9DC5, np.uint32)
    o = np.argsort(-length, kind='stable'); start, length, line_of = start[o], length[o], line_of[o]
    for j in range(int(length.max())):
        n = int(np.searchsorted(-length, -j, 'left'))                  # runs longer than j bytes
        h[:n] = (h[:n] ^ t[start[:n] + j]) * np.uint32(0x01000193)
    best = np.full(len(lines), np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(best, line_of, h.astype(np.uint64))
    return best[best <= 0xFFFFFFFF].astype(np.uint32)


def bits_of(h):
    def mixv(x):
        x = x ^ (x >> np.uint32(16)); x = x * np.uint32(0x85EBCA6B); x = x ^ (x >> np.uint32(13)); x = x * np.uint32(0xC2B2AE35)
        return x ^ (x >> np.uint32(16))
    a, b = mixv(h ^ np.uint32(0x9E3779B9)), mixv(h ^ np.uint32(0x7F4A7C15)) | np.uint32(1)
    return np.stack([(a + np.uint32(i) * b) % np.uint32(BITS) for i in range(K)])


def lines_of(path):
    for l in gzip.open(path, 'rt', encoding='utf8'):
        r = json.loads(l)
        if used(r):
            for st in r['stanzas']:
                yield from st


def main():
    ap = argparse.ArgumentParser(); a = ap.add_argument
    a('--annotated', required=True); a('--out', required=True); a('--vectors', required=True)
    A = ap.parse_args()
    L = list(lines_of(os.path.join(A.annotated, 'train.jsonl.gz')))
    H = np.concatenate([np.unique(fingerprints(L[i:i + 300000])) for i in range(0, len(L), 300000)])
    H = np.unique(H)
    m = np.zeros(BITS, bool); m[bits_of(H).ravel()] = True
    packed = np.packbits(m, bitorder='little')
    with open(A.out, 'wb') as f:
        f.write(b'VGRD' + struct.pack('<IIII', 1, N, K, BITS) + packed.tobytes())
    hit = lambda h: all(m[p] for p in positions(h))
    for i in range(0, len(L), 40009):                               # the vectorised and the plain way agree
        h = fingerprint(L[i]); assert h is None or hit(h), L[i]
    known = {' '.join(words(x)) for x in L}
    V = [x for x in lines_of(os.path.join(A.annotated, 'valid.jsonl.gz')) if len(words(x)) >= N and ' '.join(words(x)) not in known]
    fp = sum(hit(fingerprint(x)) for x in V) / len(V)
    stats = dict(lines=len(L), fingerprints=int(len(H)), bits_set=round(float(m.mean()), 4), false_positive_rate_expected=round(float(m.mean()) ** K, 4),
                 held_out_lines=len(V), held_out_lines_flagged=round(fp, 4), bytes=os.path.getsize(A.out))
    print(stats)
    T = ["Shall I compare thee to a summer's day?", "“Tyger, Tyger,” burning bright", "The blessèd night—the moon-light on the sea,", "Hope is the thing with feathers",
         "Once upon a midnight dreary, while I pondered, weak and weary,", "A purple tram forgot its seven umbrellas", "too short a line"] + V[5:40:7]
    J = dict(stats=stats, fnv1a={s: fnv1a(s) for s in ('', 'a', 'the moon is on the', "o'er the hills and far")}, mix={str(x): mix(x) for x in (0, 1, 0xDEADBEEF)},
             lines=[dict(line=x, words=words(x), fingerprint=fingerprint(x), positions=positions(fingerprint(x)) if fingerprint(x) is not None else None,
                         known=bool(fingerprint(x) is not None and hit(fingerprint(x)))) for x in T])
    json.dump(J, open(A.vectors, 'w'), indent=1, ensure_ascii=False)
    for r in J['lines']:
        print(r['known'], r['line'])


if __name__ == '__main__':
    main()
