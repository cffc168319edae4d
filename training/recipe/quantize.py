#!/usr/bin/env python3
"""Step 4b: what does quantization cost? Bits per byte on held-out poems for fake-quantized weights, one row per scheme.

  python3 quantize.py --checkpoint run/final.pt --data data/ [--docs 200] [--out table.json]

A scheme names the bits of the linear layers and of the embedding/head table: e.g. `4 b32 sym search / emb 8 b32`. Blocks run along the input
dimension (along the width for the table). Scales (and, when asymmetric, the minimum) are rounded to fp16 as they are stored. `search` tries 25
clipping ratios (and, symmetric, both signs of the scale) for each block and keeps the one with the least squared error. Biases, norms and positions: fp16.
"""
import argparse, json, os
import numpy as np
import torch
from model import load
from train import Valid, evaluate

f16 = lambda x: x.astype(np.float16).astype(np.float32)


def fake(W, bits, block, sym=True, search=True):
    """W [rows, inputs] -> (quantized and dequantized, bits per weight)"""
    R, N = W.shape
    pad = -N % block
    X = np.pad(W, ((0, 0), (0, pad))).reshape(R, -1, block)
    half = 1 << (bits - 1)
    best = err = None
    for r in (np.linspace(.75, 1.15, 25) if search else [1.]):
        if sym:
            big = np.take_along_axis(X, np.abs(X).argmax(-1)[..., None], -1)
            trial = []
            for sgn in (-1., 1.) if search else (-1.,):                # the largest weight at -half or at half - 1
                s = f16(big * r * sgn / (half if sgn < 0 else half - 1)); s = np.where(s == 0, 1e-7, s)
                trial.append(np.clip(np.rint(X / s), -half, half - 1) * s)
        else:
            lo, hi = X.min(-1, keepdims=True), X.max(-1, keepdims=True); mid = (lo + hi) / 2
            s = f16((hi - lo) * r / (2 * half - 1)); s = np.where(s == 0, 1e-7, s); m = f16(mid - (2 * half - 1) / 2 * s)
            trial = [np.clip(np.rint((X - m) / s), 0, 2 * half - 1) * s + m]
        for y in trial:
            e = ((y - X) ** 2).sum(-1, keepdims=True)
            if best is None:
                best, err = y, e
            else:
                best = np.where(e < err, y, best); err = np.minimum(e, err)
    return best.reshape(R, -1)[:, :N], bits + (16 if sym else 32) / block


SCHEMES = [('fp32', None, None), ('fp16', 'h', 'h')]
for lin in [(4, 32, True, True), (4, 32, True, False), (4, 64, True, True), (4, 32, False, True), (4, 64, False, True), (8, 32, True, False)]:
    SCHEMES.append(('', lin, (8, 32, True, False)))
SCHEMES.append(('', (4, 32, True, True), (4, 32, True, True)))
SCHEMES.append(('', (4, 32, True, True), (6, 32, True, True)))
name = lambda q: f"{q[0]} bits, block {q[1]}, {'symmetric' if q[2] else 'asymmetric'}{', search' if q[3] else ''}"


def apply(model, state, lin, emb):
    """Returns the size in bytes."""
    size, out = 0, {}
    for n, p in state.items():
        q = emb if n == 'wte.weight' else lin if n.startswith('h.') and p.dim() == 2 else None
        if lin is None:
            out[n] = p; size += 4 * p.numel()
        elif q in (None, 'h'):
            out[n] = p.half().float(); size += 2 * p.numel()
        else:
            w, b = fake(p.numpy(), *q); out[n] = torch.from_numpy(np.ascontiguousarray(w)); size += p.numel() * b / 8
    model.load_state_dict(out)
    return size


def main():
    ap = argparse.ArgumentParser(); a = ap.add_argument
    a('--checkpoint', required=True); a('--data', required=True); a('--docs', type=int, default=200); a('--out'); a('--which', default='model'); a('--only', help='numbers of schemes')
    A = ap.parse_args()
    m, _ = load(A.checkpoint, which=A.which); V = Valid(A.data); state = {k: v.clone() for k, v in m.state_dict().items()}
    rows, ref = [], None
    for i, (n, lin, emb) in enumerate(SCHEMES):
        if A.only and i and str(i) not in A.only.split(','):
            continue
        size = apply(m, state, lin, emb); e = evaluate(m, V, A.docs)
        ref = ref or e
        rows.append(dict(linear=n or name(lin), table=n or name(emb), megabytes=round(size / 1e6, 2), loss=round(float(e[0]), 4), bpb_line_with_plan=round(float(e[2]), 4),
                         bpb_change_percent=round(float((e[2] / ref[2] - 1) * 100), 2)))
        print(json.dumps(rows[-1]), flush=True)
    if A.out:
        json.dump(rows, open(A.out, 'w'), indent=1)


if __name__ == '__main__':
    main()
