#!/usr/bin/env python3
"""Step 3: train on a CPU with AMX (fastcpu.py). Muon for the matrices, AdamW for the rest; warm-up, a plateau, then linear to zero.

  OMP_NUM_THREADS=1 python3 train.py --data data/ --out run/ --lib libfused.so --layers 6 --dim 320 --heads 5 --minutes 90

The schedule follows the clock (--minutes or --until HH:MM), whatever the speed. run/last.pt is written every --save-minutes, at the end
and on SIGTERM (weights, their exponential moving average, optimiser state); --resume goes on from it. run/final.pt: the weights alone, the
last or their average, whichever is better on the validation documents. run/log.csv has the losses.
"""
import argparse, csv, math, os, signal, time
import numpy as np
import torch
import torch.nn.functional as F
from model import GPT2, grow
import fastcpu


class Data:
    """Rows of T+1 tokens, filled with whole documents (the last is cut). In each pass document i is read weight[i] times on average."""

    def __init__(self, d, T, seed):
        ld = lambda k: np.load(os.path.join(d, f'train.{k}.npy'))
        self.ids, self.docs, self.w = ld('ids'), ld('docs'), ld('weight')
        self.T, self.rng, self.epoch, self.queue = T, np.random.default_rng(seed), -1, []

    def next(self):
        if not self.queue:
            self.epoch += 1
            n = np.floor(self.w + self.rng.random(len(self.w))).astype(int)
            self.queue = list(self.rng.permutation(np.repeat(np.arange(len(n)), n)))
        return self.queue.pop()

    def batch(self, B):
        """ids, target (-1 where the next token belongs to another document), position, first position of the document; int32 [B, T]"""
        T = self.T
        ids = np.zeros((B, T), np.int32); tgt = np.full((B, T), -1, np.int32); pos = np.zeros((B, T), np.int32); lo = np.zeros((B, T), np.int32)
        for b in range(B):
            n = 0
            while n < T:
                i = self.next()
                a = self.ids[self.docs[i]:self.docs[i + 1]].astype(np.int32)[:T + 1]
                k = min(len(a) - 1, T - n)
                ids[b, n:n + k] = a[:k]; tgt[b, n:n + k] = a[1:k + 1]; pos[b, n:n + k] = np.arange(k); lo[b, n:n + k] = n
                n += k
        return [torch.from_numpy(x) for x in (ids, tgt, pos, lo)]


class Valid:
    def __init__(self, d, split='valid'):
        ld = lambda k: np.load(os.path.join(d, f'{split}.{k}.npy'))
        self.ids, self.docs, self.kind, self.nb = ld('ids'), ld('docs'), ld('kind'), ld('linebytes')


@torch.no_grad()
def evaluate(model, D, most=150, batch=8):
    """Mean loss, and bits per byte of line text: of the text alone, and of everything that a line costs (plan included), fp32."""
    T, pad = model.conf['positions'], model.conf['vocab'] - 1
    nats, cnt, byt = np.zeros(4), np.zeros(4), 0
    n = min(most, len(D.docs) - 1)
    order = np.argsort(np.diff(D.docs)[:n])
    for s in range(0, n, batch):
        ix = order[s:s + batch]
        L = min(T + 1, max(D.docs[i + 1] - D.docs[i] for i in ix))
        x = np.full((len(ix), L), pad); kd = np.full((len(ix), L), 255)
        for r, i in enumerate(ix):
            a = D.ids[D.docs[i]:D.docs[i + 1]][:L]; x[r, :len(a)] = a; kd[r, :len(a)] = D.kind[D.docs[i]:D.docs[i + 1]][:L]
            byt += D.nb[i] * min(1, L / (D.docs[i + 1] - D.docs[i]))
        x = torch.from_numpy(x)
        lg = model(x[:, :-1])
        ls = F.cross_entropy(lg.reshape(-1, lg.shape[-1]), x[:, 1:].reshape(-1), reduction='none').numpy()
        k = kd[:, 1:].reshape(-1)
        for j in range(4):
            nats[j] += ls[k == j].sum(); cnt[j] += (k == j).sum()
    b = math.log(2) * byt
    return nats.sum() / cnt.sum(), nats[2] / b, nats[:3].sum() / b


def main():
    ap = argparse.ArgumentParser()
    a = ap.add_argument
    a('--data', required=True); a('--valid', help='folder of the validation data, if another'); a('--out', required=True); a('--lib', required=True)
    a('--minutes', type=float, default=90); a('--until', help='HH:MM: stop then instead of after --minutes')
    a('--layers', type=int, default=6); a('--dim', type=int, default=320); a('--heads', type=int, default=5); a('--ctx', type=int, default=384)
    a('--vocab', type=int, default=4096); a('--rows', type=int, default=2, help='rows of a micro-batch'); a('--micro', type=int, default=8, help='micro-batches a step')
    a('--threads', type=int, default=2); a('--lr', type=float, default=3e-3, help='AdamW'); a('--muon-lr', type=float, default=.02)
    a('--wd', type=float, default=.05); a('--warmup', type=float, default=.02, help='share of the time'); a('--plateau', type=float, default=.1, help='share of the time at which the decay begins')
    a('--ema', type=float, default=.998); a('--clip', type=float, default=1.); a('--eval-minutes', type=float, default=6); a('--save-minutes', type=float, default=2.5)
    a('--init', help='start from the weights of this checkpoint; may have fewer layers (model.grow)'); a('--resume', action='store_true'); a('--seed', type=int, default=1)
    A = ap.parse_args()
    os.makedirs(A.out, exist_ok=True)
    torch.manual_seed(A.seed); torch.set_num_threads(1)
    lib = fastcpu.library(A.lib)
    model = GPT2(A.vocab, A.ctx, A.dim, A.layers, A.heads)
    if A.init:
        model.load_state_dict(grow(torch.load(A.init, map_location='cpu')['model'], A.layers))
    names = dict(model.named_parameters())
    mats = [n for n, p in names.items() if n.startswith('h.') and p.dim() == 2]
    emb = [names[n] for n in ('wte.weight', 'wpe.weight')]; vec = [p for p in names.values() if p.dim() < 2]
    opt = torch.optim.AdamW([dict(params=emb, weight_decay=.01), dict(params=vec, weight_decay=0.)], lr=A.lr, betas=(.9, .95), eps=1e-8)
    mom = {n: torch.zeros_like(names[n]) for n in mats}
    ema = {n: p.detach().clone() for n, p in names.items()}
    step = tokens = 0; spent = 0.
    last = os.path.join(A.out, 'last.pt')
    if A.resume and os.path.exists(last):
        c = torch.load(last)
        model.load_state_dict(c['model']); opt.load_state_dict(c['opt']); mom = c['muon']; ema = c['ema']
        step, tokens, spent = c['step'], c['tokens'], c['spent']
    D, V = Data(A.data, A.ctx, A.seed + step), Valid(A.valid or A.data)
    W = [fastcpu.Worker(lib, model) for _ in range(A.threads)]
    # Muon in two halves of about equal work, one per thread
    parts = [[n for n in mats if int(n.split('.')[1]) % A.threads == k] for k in range(A.threads)]
    print('parameters', sum(p.numel() for p in model.parameters()), 'train documents', len(D.docs) - 1, 'tokens', len(D.ids), flush=True)
    t0 = time.time()
    if A.until:
        h, m = map(int, A.until.split(':')); n = time.localtime()
        A.minutes = ((h - n.tm_hour) * 3600 + (m - n.tm_min) * 60 - n.tm_sec) / 60 + spent / 60
    total = A.minutes * 60
    log = open(os.path.join(A.out, 'log.csv'), 'a', newline=''); out = csv.writer(log)
    if log.tell() == 0:
        out.writerow('seconds step tokens train_loss valid_loss bpb_text bpb_line_with_plan tok_per_s'.split())

    def save(path):
        torch.save(dict(model={k: v for k, v in model.state_dict().items()}, ema=ema, opt=opt.state_dict(), muon=mom, step=step, tokens=tokens,
                        spent=spent + time.time() - t0, conf=model.conf, args=vars(A)), path + '.tmp')
        os.replace(path + '.tmp', path)
    loss_sum, loss_n, nev, nsv, tl, tk = 0., 0, spent / 60 + 2, spent / 60 + A.save_minutes, time.time(), tokens
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    while True:
        if stop:                                                      # asked to end: keep what there is
            save(last)
            return
        now = spent + time.time() - t0
        fr = now / total
        if fr >= 1:
            break
        k = min(1, fr / A.warmup, (step + 1) / 50) if fr < A.warmup else 1 if fr < A.plateau else (1 - fr) / (1 - A.plateau)
        micro = [D.batch(A.rows) for _ in range(A.micro)]
        n_tok = sum(int((y >= 0).sum()) for _, y, _, _ in micro)
        w16 = fastcpu.halves(model)
        for w in W:
            w.zero()
        L = fastcpu.parallel([lambda t, b=b: W[t].run(w16, *b, 1 / n_tok) for b in micro], A.threads)
        for n, p in names.items():
            p.grad = W[0].g[n]
            for w in W[1:]:
                p.grad.add_(w.g[n])
        torch.nn.utils.clip_grad_norm_(emb + vec, A.clip)
        fastcpu.parallel([lambda t, q=q: fastcpu.muon_update(lib, [names[n].data for n in q], [names[n].grad for n in q], [mom[n] for n in q], A.muon_lr * k, A.wd) for q in parts], A.threads)
        for g, s in zip(opt.param_groups, (1., .3)):                  # the vectors (norms, biases) are noisy at the tables' rate
            g['lr'] = A.lr * k * s
        opt.step()
        step += 1; tokens += n_tok; loss_sum += sum(L); loss_n += n_tok
        with torch.no_grad():
            d = min(A.ema, (step + 1) / (step + 10))
            for n, p in names.items():
                ema[n].mul_(d).add_(p, alpha=1 - d)
        if step % 25 == 0:
            print(f'{now / 60:.1f} min step {step} tokens {tokens} loss {loss_sum / loss_n:.4f} lr x{k:.3f} {(tokens - tk) / (time.time() - tl):.0f} tok/s', flush=True)
        if now / 60 >= nev:
            sp = (tokens - tk) / (time.time() - tl); e = evaluate(model, V)
            out.writerow([round(now), step, tokens, round(loss_sum / loss_n, 4)] + [round(float(v), 4) for v in e] + [round(sp)]); log.flush()
            print(f'{now / 60:.1f} min step {step} tokens {tokens} pass {D.epoch} train {loss_sum / loss_n:.4f} valid {e[0]:.4f} bpb text {e[1]:.4f} with plan {e[2]:.4f} {sp:.0f} tok/s', flush=True)
            loss_sum, loss_n, nev, tl, tk = 0., 0, now / 60 + A.eval_minutes, time.time(), tokens
        if now / 60 >= nsv:
            save(last); nsv = now / 60 + A.save_minutes
    save(last)
    best = None
    for which in ('model', 'ema'):
        if which == 'ema':
            model.load_state_dict(ema)
        e = evaluate(model, V, 500)
        out.writerow([round(spent + time.time() - t0), step, tokens, '', *[round(float(v), 4) for v in e], 'final ' + which]); log.flush()
        print('final', which, [round(float(v), 4) for v in e], 'steps', step, 'tokens', tokens, flush=True)
        if best is None or e[2] < best:
            best = e[2]
            torch.save(dict(model={k: v.clone() for k, v in model.state_dict().items()}, step=step, tokens=tokens, conf=model.conf, which=which), os.path.join(A.out, 'final.pt'))


if __name__ == '__main__':
    main()
