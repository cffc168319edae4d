"""Forward and backward pass of model.GPT2 written out by hand for CPUs with AMX/AVX-512 bf16: oneDNN's bf16 matrix products (through torch)
and the fused kernels of fused.cpp. One micro-batch per thread; each thread works alone, so a busy neighbour on one core does not hold up
the other. Attention stays inside each document and positions start anew with each document.

  python3 fastcpu.py LIBFUSED [--dim 320 --layers 6 --heads 5]      # compares gradients with autograd and measures tokens/s
"""
import ctypes, threading, time
import numpy as np
import torch

BF = torch.bfloat16
I, P, Fl = ctypes.c_int64, ctypes.c_void_p, ctypes.c_float
SIG = dict(add_ln='iippppppppp', ln_bwd='iippppppppppi', gelu_fwd='iippp', gelu_bwd='iippp', split_heads='iiiiipppf', merge_heads='iiiiipppf',
           softmax_fwd='iiipp', softmax_bwd='iiippp', cross_entropy='iippf', embed='iippppp', embed_bwd='iippppp', accumulate='ipp',
           muon_momentum='ippf', muon_scale='ippffp', muon_apply='ippff')


def library(path):
    lib = ctypes.CDLL(path)
    for n, s in SIG.items():
        f = getattr(lib, n); f.argtypes = [dict(i=I, p=P, f=Fl)[c] for c in s]; f.restype = ctypes.c_double if n in ('cross_entropy', 'muon_momentum') else None
    return lib


def ptr(t):
    return None if t is None else t.data_ptr()


class Worker:
    """Gradients of one thread."""

    def __init__(self, lib, model):
        self.lib, self.model = lib, model
        self.g = {n: torch.zeros_like(p) for n, p in model.named_parameters()}
        self.buf = {}

    def tmp(self, name, shape, dtype=BF):
        b = self.buf.get(name)
        if b is None or b.shape != torch.Size(shape):
            b = self.buf[name] = torch.empty(shape, dtype=dtype)
        return b

    def zero(self):
        for g in self.g.values():
            g.zero_()

    @torch.no_grad()
    def run(self, w16, ids, target, pos, lo, scale, backward=True):
        """ids, target, pos, lo: int32 [B, T]; w16: bf16 copies of the matrices. Returns the sum of the losses; gradients are added to self.g."""
        L, m, g = self.lib, self.model, self.g
        p = dict(m.named_parameters())
        c = m.conf; D, H, NL = c['dim'], c['heads'], c['layers']; d = D // H; sc = d ** -.5
        B, T = ids.shape; M = B * T
        tmp = self.tmp
        x = tmp('x0', (M, D), torch.float32)
        L.embed(M, D, ptr(ids), ptr(pos), ptr(p['wte.weight']), ptr(p['wpe.weight']), ptr(x))
        y, yb, S = None, None, []

        def mm(name, a, b):                                       # into a kept buffer: fresh memory would be page-faulted in every time
            return torch.mm(a, b, out=tmp(name, (a.shape[0], b.shape[1])))

        def bmm(name, a, b):
            return torch.bmm(a, b, out=tmp(name, (a.shape[0], a.shape[1], b.shape[2])))

        def ln(name, y, yb, x, tag):
            h = tmp('h' + tag, (M, D)); mu = tmp('mu' + tag, (M,), torch.float32); rs = tmp('rs' + tag, (M,), torch.float32)
            xo = tmp('x' + tag, (M, D), torch.float32) if y is not None else x
            L.add_ln(M, D, ptr(x), ptr(y), ptr(yb), ptr(p[name + '.weight']), ptr(p[name + '.bias']), ptr(xo), ptr(h), ptr(mu), ptr(rs))
            return xo, h, mu, rs
        for i in range(NL):
            b = f'h.{i}.'
            x, h1, mu1, rs1 = ln(b + 'ln_1', y, yb, x, f'a{i}'); x1 = x
            qkv = mm('qkv', h1, w16[b + 'c_attn.weight'].t())
            hd = tmp(f'qkv{i}', (3, B * H, T, d))
            L.split_heads(B, T, 3, H, d, ptr(qkv), ptr(p[b + 'c_attn.bias']), ptr(hd), sc)
            A = bmm(f'A{i}', hd[0], hd[1].transpose(1, 2))
            L.softmax_fwd(B, H, T, ptr(A), ptr(lo))
            yh = bmm('dy', A, hd[2]); att = tmp(f'att{i}', (M, D))
            L.merge_heads(B, T, 1, H, d, ptr(yh), None, ptr(att), 1.)
            y = mm('y', att, w16[b + 'c_proj.weight'].t()); yb = p[b + 'c_proj.bias']
            x, h2, mu2, rs2 = ln(b + 'ln_2', y, yb, x, f'b{i}')
            f = mm(f'f{i}', h2, w16[b + 'c_fc.weight'].t()); ge = tmp(f'g{i}', (M, 4 * D))
            L.gelu_fwd(M, 4 * D, ptr(f), ptr(p[b + 'c_fc.bias']), ptr(ge))
            S.append((x1, h1, mu1, rs1, hd, A, att, x, h2, mu2, rs2, f, ge))
            y = mm('y', ge, w16[b + 'm_proj.weight'].t()); yb = p[b + 'm_proj.bias']
        x, hf, muf, rsf = ln('ln_f', y, yb, x, 'f')
        z = mm('z', hf, w16['wte.weight'].t())
        loss = L.cross_entropy(M, z.shape[1], ptr(z), ptr(target), scale)
        if not backward:
            return loss
        acc = lambda n, t: L.accumulate(t.numel(), ptr(g[n]), ptr(t))
        acc('wte.weight', mm('gte', z.t(), hf))
        dh = mm('y', z, w16['wte.weight'])
        dres = tmp('dres', (M, D), torch.float32); d16 = tmp('d16', (M, D))

        def lnb(name, dh, x, mu, rs, bias, first=0):
            L.ln_bwd(M, D, ptr(dh), ptr(x), ptr(mu), ptr(rs), ptr(p[name + '.weight']), ptr(dres), ptr(d16), ptr(g[name + '.weight']), ptr(g[name + '.bias']),
                     ptr(g[bias]) if bias else None, first)
        lnb('ln_f', dh, x, muf, rsf, f'h.{NL - 1}.m_proj.bias', 1)
        for i in reversed(range(NL)):
            b = f'h.{i}.'
            x1, h1, mu1, rs1, hd, A, att, x2, h2, mu2, rs2, f, ge = S[i]
            acc(b + 'm_proj.weight', mm('gm', d16.t(), ge))
            dg = mm('dg', d16, w16[b + 'm_proj.weight'])
            L.gelu_bwd(M, 4 * D, ptr(dg), ptr(f), ptr(g[b + 'c_fc.bias']))
            acc(b + 'c_fc.weight', mm('gf', dg.t(), h2))
            lnb(b + 'ln_2', mm('y', dg, w16[b + 'c_fc.weight']), x2, mu2, rs2, b + 'c_proj.bias')
            acc(b + 'c_proj.weight', mm('gp', d16.t(), att))
            da = mm('y', d16, w16[b + 'c_proj.weight']); dy = tmp('dy', (B * H, T, d))
            L.split_heads(B, T, 1, H, d, ptr(da), None, ptr(dy), 1.)
            dq = tmp('dqkv', (3, B * H, T, d))
            torch.bmm(A.transpose(1, 2), dy, out=dq[2])
            dP = bmm('dP', dy, hd[2].transpose(1, 2))
            L.softmax_bwd(B, H, T, ptr(A), ptr(dP), ptr(lo))
            torch.bmm(dP, hd[1], out=dq[0])
            torch.bmm(dP.transpose(1, 2), hd[0], out=dq[1])
            dm = tmp('dm', (M, 3 * D))
            L.merge_heads(B, T, 3, H, d, ptr(dq), ptr(g[b + 'c_attn.bias']), ptr(dm), sc)
            acc(b + 'c_attn.weight', mm('ga', dm.t(), h1))
            lnb(b + 'ln_1', mm('y', dm, w16[b + 'c_attn.weight']), x1, mu1, rs1, f'h.{i - 1}.m_proj.bias' if i else None)
        L.embed_bwd(M, D, ptr(ids), ptr(pos), ptr(dres), ptr(g['wte.weight']), ptr(g['wpe.weight']))
        return loss


@torch.no_grad()
def muon_update(lib, ws, gs, bs, lr, wd, momentum=.95, steps=5):
    """model.muon_update with the element-wise parts fused; all tensors fp32 and contiguous."""
    by = {}
    for w, g, b in zip(ws, gs, bs):
        n = 3 if w.shape[0] == 3 * w.shape[1] else 1              # q, k and v are taken apart
        for p in zip(w.chunk(n), g.chunk(n), b.chunk(n)):
            by.setdefault(tuple(p[0].shape), []).append(p)
    for (r, c), L in by.items():
        X = torch.empty(len(L), r, c, dtype=BF)
        for x, (w, g, b) in zip(X, L):
            ss = lib.muon_momentum(r * c, ptr(g), ptr(b), momentum)
            lib.muon_scale(r * c, ptr(g), ptr(b), momentum, 1 / (ss ** .5 + 1e-7), ptr(x))
        if r > c:
            X = X.transpose(1, 2).contiguous()
        for _ in range(steps):                                    # Newton-Schulz: X <- 3.4445 X - 4.7750 A X + 2.0315 A A X, A = X X'
            A = torch.bmm(X, X.transpose(1, 2))
            X = torch.baddbmm(X, torch.baddbmm(A, A, A, beta=-4.7750, alpha=2.0315), X, beta=3.4445)
        if r > c:
            X = X.transpose(1, 2).contiguous()
        for x, (w, _, _) in zip(X, L):
            lib.muon_apply(r * c, ptr(w), ptr(x), 1 - lr * wd, lr * max(1, r / c) ** .5)


def parallel(jobs, n):
    """Runs jobs (callables that take the number of the thread) on n threads, each taking the next one when it is free."""
    it, lock, out, err = iter(enumerate(jobs)), threading.Lock(), [None] * len(jobs), []

    def work(k):
        torch.set_num_threads(1)
        try:
            while True:
                with lock:
                    j = next(it, None)
                if j is None:
                    return
                out[j[0]] = j[1](k)
        except BaseException as e:
            err.append(e)
    T = [threading.Thread(target=work, args=(k,)) for k in range(n)]
    [t.start() for t in T]; [t.join() for t in T]
    if err:
        raise err[0]
    return out


def halves(model):
    """bf16 copies of the matrices."""
    return {n: p.detach().to(BF) for n, p in model.named_parameters() if p.dim() == 2 and n != 'wpe.weight'}


def main():
    import argparse
    from model import GPT2
    import torch.nn.functional as F
    ap = argparse.ArgumentParser(); a = ap.add_argument
    a('lib'); a('--dim', type=int, default=320); a('--layers', type=int, default=6); a('--heads', type=int, default=5); a('--rows', type=int, default=5)
    a('--threads', type=int, default=2); a('--micro', type=int, default=6); a('--skip-check', action='store_true'); a('--ctx', type=int, default=384)
    A = ap.parse_args()
    torch.manual_seed(1)
    lib = library(A.lib); m = GPT2(4096, A.ctx, A.dim, A.layers, A.heads)
    for n, p in m.named_parameters():
        if p.dim() == 1:
            p.data.add_(torch.randn_like(p) * .1)
        elif n != 'wpe.weight':
            p.data.mul_(2)
    B, T = A.rows, A.ctx
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 4096, (B, T + 1)).astype(np.int32)
    start = np.zeros((B, T), np.int32); start[:, 100:] = 100; start[:, 250:] = 250
    pos = np.arange(T)[None].astype(np.int32) - start
    x, y = torch.from_numpy(ids[:, :-1].copy()), torch.from_numpy(ids[:, 1:].copy())
    pos, lo = torch.from_numpy(pos), torch.from_numpy(start)
    W = [Worker(lib, m) for _ in range(A.threads)]
    w16 = halves(m)
    if not A.skip_check:
        loss = W[0].run(w16, x, y, pos, lo, 1 / x.numel()) / x.numel()
        j = torch.arange(T)
        mask = torch.where((j[None, None] >= lo[:, :, None]) & (j[None, None] <= j[None, :, None]), 0., float('-inf'))[:, None]
        l = F.cross_entropy(m(x.long(), pos.long(), mask).view(-1, 4096), y.long().view(-1)); l.backward()
        print('loss', loss, float(l))
        for n, p in m.named_parameters():
            c = F.cosine_similarity(p.grad.flatten(), W[0].g[n].flatten(), 0)
            if c < .995 or '.0.' in n or 'w' == n[0]:
                print(n, 'cosine', round(float(c), 5), 'norm ratio', round(float(W[0].g[n].norm() / p.grad.norm()), 4))
    for rep in range(3):
        t = time.time()
        parallel([lambda k: W[k].run(w16, x, y, pos, lo, 1 / x.numel())] * A.micro, A.threads)
        print(f'{A.micro * x.numel() / (time.time() - t):.0f} tokens/s', flush=True)


if __name__ == '__main__':
    main()
