"""GPT-2 (pre-LN, learned positions, gelu_new, tied embeddings) in plain PyTorch, and Muon. Used for evaluation, export and as the reference
for fastcpu.py."""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F


def gelu_new(x):
    try:
        return F.gelu(x, approximate='tanh')
    except TypeError:
        return .5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + .044715 * x ** 3)))


class Block(nn.Module):
    def __init__(self, D, H):
        super().__init__()
        self.H = H
        self.ln_1, self.ln_2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.c_attn, self.c_proj = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.c_fc, self.m_proj = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(self, x, mask):
        B, T, D = x.shape
        q, k, v = self.c_attn(self.ln_1(x)).view(B, T, 3, self.H, D // self.H).permute(2, 0, 3, 1, 4).unbind(0)
        a = (q @ k.transpose(-1, -2)) * (D // self.H) ** -.5 + mask
        y = a.softmax(-1).to(v.dtype) @ v
        x = x + self.c_proj(y.transpose(1, 2).reshape(B, T, D))
        return x + self.m_proj(gelu_new(self.c_fc(self.ln_2(x))))


class GPT2(nn.Module):
    def __init__(self, vocab, positions, D, L, H):
        super().__init__()
        self.conf = dict(vocab=vocab, positions=positions, dim=D, layers=L, heads=H)
        self.wte, self.wpe = nn.Embedding(vocab, D), nn.Embedding(positions, D)
        self.h = nn.ModuleList([Block(D, H) for _ in range(L)])
        self.ln_f = nn.LayerNorm(D)
        for n, p in self.named_parameters():
            if p.dim() > 1:
                nn.init.normal_(p, 0, .02 / (math.sqrt(2 * L) if 'proj' in n else 1))
            elif n.endswith('bias'):
                nn.init.zeros_(p)
        nn.init.normal_(self.wpe.weight, 0, .01)
        self.register_buffer('mask', torch.full((positions, positions), float('-inf')).triu(1), persistent=False)

    def forward(self, ids, pos=None, mask=None):
        T = ids.shape[1]
        x = self.wte(ids) + (self.wpe.weight[:T] if pos is None else self.wpe(pos))
        m = self.mask[:T, :T] if mask is None else mask
        for b in self.h:
            x = b(x, m)
        return self.ln_f(x) @ self.wte.weight.t()


def load(path, device='cpu', which='model'):
    """Model of a checkpoint; which: 'model' or 'ema'."""
    c = torch.load(path, map_location=device)
    k = c['conf']
    m = GPT2(k['vocab'], k['positions'], k['dim'], k['layers'], k['heads']).to(device)
    m.load_state_dict({a.replace('_orig_mod.', ''): b.float() for a, b in c[which].items()})
    return m.eval(), c


def grow(state, layers):
    """More layers, same function: copies of blocks are put behind their originals, evenly, with zero output projections (c_proj, m_proj)."""
    old = 1 + max(int(k.split('.')[1]) for k in state if k.startswith('h.'))
    extra = {round((j + 1) * old / (layers - old)) - 1 for j in range(layers - old)} if layers > old else set()
    out, n = {k: v.clone() for k, v in state.items() if not k.startswith('h.')}, 0
    for i in range(old):
        for copy in range(1 + (i in extra)):
            for k, v in state.items():
                if k.startswith(f'h.{i}.'):
                    leaf = k.split('.', 2)[2]
                    out[f'h.{n}.{leaf}'] = v.clone() * (0 if copy and 'proj' in leaf else 1)
            n += 1
    assert n == layers, 'at most twice the layers'
    return out


def orthogonalise(G, steps=5, dtype=torch.bfloat16):
    """Newton-Schulz on a stack of matrices [n, a, b]."""
    X = G.to(dtype)
    X = X / (X.float().flatten(1).norm(dim=1)[:, None, None] + 1e-7).to(dtype)
    tr = X.shape[1] > X.shape[2]
    if tr:
        X = X.transpose(1, 2).contiguous()
    for _ in range(steps):
        A = torch.bmm(X, X.transpose(1, 2))
        X = 3.4445 * X + torch.bmm(-4.7750 * A + 2.0315 * torch.bmm(A, A), X)
    return (X.transpose(1, 2) if tr else X).float()


@torch.no_grad()
def muon_update(ws, gs, bs, lr, wd, momentum=.95):
    """Momentum + orthogonalised updates for weight matrices; q, k and v are taken apart; matrices of one shape go through together."""
    by = {}
    for w, g, b in zip(ws, gs, bs):
        b.mul_(momentum).add_(g)
        u = g.add(b, alpha=momentum)
        n = 3 if w.shape[0] == 3 * w.shape[1] else 1
        for part, x in zip(u.chunk(n), w.chunk(n)):
            by.setdefault(tuple(part.shape), []).append((part, x))
    for (r, c), L in by.items():
        U = orthogonalise(torch.stack([g for g, _ in L]))
        for (_, w), u in zip(L, U):
            w.mul_(1 - lr * wd).add_(u, alpha=-lr * max(1, r / c) ** .5)
