#!/usr/bin/env python3
"""Step 4c: a short fine-tuning of the last layers against repetition, on any CPU: plain fp32 autograd, AdamW.

  OMP_NUM_THREADS=1 python3 finetune.py --model ../../public/models/verse-small --data data/ --cmudict cmudict.json --out run/ --minutes 15

The model learns from what it was before: the frozen model's distribution, from which the words that have ended a line of the poem already are
taken out and content words in third use are made less likely (negatives.py), on documents of the corpus and on poems that it writes itself,
without help, from an emotion: what it must unlearn shows most in its own contexts. Only the last layers change, so what the others give is
computed once for each document. In each of `--rounds` rounds `--write` poems are written anew. The learning rate follows the clock: warm-up,
then linear to zero. run/final.pt: the average of the weights (`--ema`); run/log.csv: by step the loss and the probability of a repeated end
word, in own poems and in the corpus.
"""
import argparse, copy, csv, json, os, time
import numpy as np
import torch
from evaluate import Grammar, generate
from export_safetensors import read_folder
from fastcpu import parallel
from model import GPT2, load
from negatives import Negatives, END
from tokenizer import Tok, EMOTIONS
from train import Data, Valid, evaluate


def pack(docs, T, negatives):
    """Rows of T tokens, filled with whole documents (the last is cut): [(ids, is there a next token, position, first position of the document,
    [(position, candidates, kind)])]."""
    rows, docs = [], list(docs)
    while docs:
        ids, ok, pos, lo, neg, n = np.zeros(T, np.int64), np.zeros(T, bool), np.zeros(T, np.int64), np.arange(T), [], 0
        while docs and n < T:
            a = docs.pop()
            k = min(len(a) - 1, T - n)
            ids[n:n + k], ok[n:n + k], pos[n:n + k], lo[n:n + k] = a[:k], True, np.arange(k), n
            neg += [(n + i, c, kind) for i, c, kind in negatives.of([int(t) for t in a[:k + 1]])]
            n += k
        rows.append((ids, ok, pos, lo, neg))
    return rows


def mask_of(lo):
    """Attention mask [T, T]: earlier tokens of the same document."""
    i = torch.arange(len(lo))
    ok = (i[None] <= i[:, None]) & (i[None] >= torch.from_numpy(lo)[:, None])
    return torch.zeros(ok.shape).masked_fill_(~ok, float('-inf'))


class Row:
    """A packed row, what the frozen layers make of it (x) and what the frozen model says last (h), both [T, D]."""

    @torch.no_grad()
    def __init__(self, model, teacher, row, own):
        ids, self.ok, pos, lo, self.neg = row
        self.mask, self.own = mask_of(lo), own
        x = model.wte(torch.from_numpy(ids)) + model.wpe(torch.from_numpy(pos))
        for b in model.h[:-len(teacher)]:
            x = b(x[None], self.mask)[0]
        self.x = x
        for b in teacher:
            x = b(x[None], self.mask)[0]
        self.h = model.ln_f(x)


def loss_of(model, layers, row, rng, A):
    """-> (sum of the weighted cross-entropies at the places where a word could repeat and at a share of the others, their weight, probability
    given to repeated end words, places where one could repeat)"""
    x = row.x[None]
    for b in layers:
        x = b(x, row.mask)
    end = {i: c for i, c, kind in row.neg if kind == END}
    word = {i: c for i, c, kind in row.neg if kind != END}
    rest = [int(i) for i in np.flatnonzero(row.ok & (rng.random(len(row.ok)) < A.share)) if int(i) not in end]
    at = torch.tensor([*end, *rest])
    table = model.wte.weight
    log_p = (model.ln_f(x[0, at]) @ table.t()).log_softmax(-1)
    with torch.no_grad():
        want = row.h[at] @ table.t()
        for j, (i, c) in enumerate(end.items()):
            want[j, c] -= 30.
        for j, i in enumerate(rest):
            if i in word:
                want[len(end) + j, word[i]] -= A.word_penalty
        weight = torch.full((len(at),), 1 / A.share); weight[:len(end)] = A.end_weight
        repeated = sum(float(log_p[j, c].exp().sum()) for j, c in enumerate(end.values()))
    ce = -(want.softmax(-1) * log_p).sum(-1)
    return (ce * weight).sum(), float(weight.sum()), repeated, len(end)


def main():
    ap = argparse.ArgumentParser(); a = ap.add_argument
    a('--model', required=True, help='a Hugging Face folder, or a checkpoint (.pt)'); a('--tokenizer', help='tokenizer.json; default: the folder\'s')
    a('--data', required=True); a('--cmudict', required=True); a('--out', required=True); a('--minutes', type=float, default=15)
    a('--layers', type=int, default=2, help='how many of the last change'); a('--rounds', type=int, default=3); a('--write', type=int, default=144, help='own poems a round')
    a('--corpus', type=int, default=240, help='documents of the corpus a round'); a('--rows', type=int, default=8, help='a step'); a('--temperature', type=float, default=.8)
    a('--end-weight', type=float, default=6., help='of a place where an end word could repeat, other places 1'); a('--share', type=float, default=.2, help='of the other places, weighted up')
    a('--word-penalty', type=float, default=2., help='taken from the frozen model\'s logits of third uses'); a('--lr', type=float, default=1e-3); a('--warmup', type=float, default=.04)
    a('--ema', type=float, default=.98); a('--clip', type=float, default=1.); a('--threads', type=int, default=2); a('--seed', type=int, default=1)
    A = ap.parse_args()
    os.makedirs(A.out, exist_ok=True); torch.manual_seed(A.seed); torch.set_num_threads(1)
    state, conf = read_folder(A.model) if os.path.isdir(A.model) else (lambda m: (m.state_dict(), m.conf))(load(A.model)[0])
    model = GPT2(conf['vocab'], conf['positions'], conf['dim'], conf['layers'], conf['heads']); model.load_state_dict(state); model.requires_grad_(False)
    layers = model.h[-A.layers:]; teacher = copy.deepcopy(layers); layers.requires_grad_(True)
    T = Tok(A.tokenizer or os.path.join(A.model, 'tokenizer.json')); grammar = Grammar(T); sp = T.special
    params = list(layers.parameters()); ema = [p.detach().clone() for p in params]
    opt = torch.optim.AdamW(params, lr=A.lr, betas=(.9, .98), weight_decay=0.)
    negatives, data, rng = Negatives(T, set(json.load(open(A.cmudict)))), Data(A.data, conf['positions'], A.seed), np.random.default_rng(A.seed)

    def write(k, turn):
        prompts = [[sp['<|poem|>'], sp[f'<|{EMOTIONS[(i + k) % 9]}|>'], sp['<|line|>']] for i in range(A.write // A.threads)]
        return generate(model, T, grammar, prompts, None, A.temperature, 40, .95, torch.Generator().manual_seed(A.seed * 1009 + turn * 31 + k), 'cpu', conf['positions'])

    def collect(turn):
        own = [np.array(d, np.int64) for part in parallel([lambda k: write(k, turn)] * A.threads, A.threads) for d in part if len(d) > 40]
        human = [data.ids[data.docs[i]:data.docs[i + 1]][:conf['positions'] + 1] for i in (data.next() for _ in range(A.corpus))]
        jobs = [(r, o) for o, docs in ((True, own), (False, human)) for r in pack(docs, conf['positions'], negatives)]
        return parallel([lambda k, j=j: Row(model, teacher, *j) for j in jobs], A.threads)

    out = csv.writer(open(os.path.join(A.out, 'log.csv'), 'w', newline='')); out.writerow('seconds step tokens loss repeated_own repeated_corpus'.split())
    rows, step, tokens, t0, turn, log = [], 0, 0, time.time(), 0, np.zeros((2, 4))
    while True:
        fr = (time.time() - t0) / (A.minutes * 60)
        if fr >= 1:
            break
        if fr >= turn / A.rounds:
            rows = rows[len(rows) // 2:] + collect(turn); turn += 1
            print(f'round {turn}: {len(rows)} rows, {sum(r.own for r in rows)} of own poems, {(time.time() - t0) / 60:.1f} min', flush=True)
        chosen = [rows[i] for i in rng.integers(len(rows), size=A.rows)]

        def work(row):
            total, weight, repeated, places = loss_of(model, layers, row, rng, A)
            return torch.autograd.grad(total, params), float(total.detach()), weight, repeated, places
        done = parallel([lambda k, r=r: work(r) for r in chosen], A.threads)
        n = sum(d[2] for d in done)
        for i, p in enumerate(params):
            p.grad = sum(d[0][i] for d in done) / n
        for r, d in zip(chosen, done):
            log[int(r.own)] += d[1:]
            tokens += int(r.ok.sum())
        torch.nn.utils.clip_grad_norm_(params, A.clip)
        fr = min(1, (time.time() - t0) / (A.minutes * 60))
        opt.param_groups[0]['lr'] = A.lr * min(1, (step + 1) / 20, fr / A.warmup if fr < A.warmup else (1 - fr) / (1 - A.warmup))
        opt.step(); step += 1
        with torch.no_grad():
            for e, p in zip(ema, params):
                e.lerp_(p, 1 - min(A.ema, (step + 1) / (step + 10)))
        if step % 20 == 0:
            h, o = log; now = time.time() - t0
            line = [round(now), step, tokens, *(round(float(v), 4) for v in ((h + o)[0] / (h + o)[1], o[2] / max(1, o[3]), h[2] / max(1, h[3])))]
            out.writerow(line); print(*line, flush=True); log[:] = 0
            torch.save(dict(model=model.state_dict(), ema={}, step=step, tokens=tokens, conf=model.conf), os.path.join(A.out, 'last.pt'))
    with torch.no_grad():
        for p, e in zip(params, ema):
            p.copy_(e)
    torch.save(dict(model=model.state_dict(), step=step, tokens=tokens, conf=model.conf, which='ema'), os.path.join(A.out, 'final.pt'))
    print('bits per byte', [round(float(v), 4) for v in evaluate(model, Valid(A.data), 150)])


if __name__ == '__main__':
    main()
