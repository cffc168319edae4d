#!/usr/bin/env python3
"""Step 6: checkpoint -> Hugging Face GPT-2 folder (config.json, model.safetensors, tokenizer files).

  python3 export_safetensors.py --checkpoint run/final.pt --tokenizer tokenizer/ --out export/NAME [--dtype float16] [--file model.safetensors]

Plain GPT-2 names without the `transformer.` prefix, Conv1D orientation ([in, out]) for the linear layers, the head tied to `wte.weight`
(so there is no lm_head tensor). The safetensors file is written by hand: an 8-byte length, a JSON header, the raw tensors.
"""
import argparse, json, os, shutil, struct
import numpy as np
import torch

DT = {'float32': ('F32', np.float32), 'float16': ('F16', np.float16)}


def hf_tensors(state):
    """Our module names -> GPT-2's, linear weights transposed to Conv1D's [in, out]."""
    out = {}
    for k, v in state.items():
        k = k.replace('_orig_mod.', '')
        a = v.detach().float().numpy()
        if k.startswith('h.'):
            _, i, m, leaf = k.split('.')
            m = {'c_attn': 'attn.c_attn', 'c_proj': 'attn.c_proj', 'c_fc': 'mlp.c_fc', 'm_proj': 'mlp.c_proj'}.get(m, m)
            if leaf == 'weight' and a.ndim == 2:
                a = a.T
            k = f'h.{i}.{m}.{leaf}'
        out[k] = np.ascontiguousarray(a)
    return out


def write_safetensors(path, tensors, dtype, metadata):
    name, np_type = DT[dtype]
    head, at, blobs = {'__metadata__': metadata}, 0, []
    for k in sorted(tensors):
        b = tensors[k].astype(np_type).tobytes()
        head[k] = dict(dtype=name, shape=list(tensors[k].shape), data_offsets=[at, at + len(b)])
        at += len(b); blobs.append(b)
    h = json.dumps(head, separators=(',', ':')).encode()
    h += b' ' * (-len(h) % 8)                                  # keep the data 8-byte aligned
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(h))); f.write(h)
        for b in blobs:
            f.write(b)


def read_safetensors(path):
    raw = open(path, 'rb').read()
    n = struct.unpack('<Q', raw[:8])[0]
    head = json.loads(raw[8:8 + n])
    head.pop('__metadata__', None)
    inv = {a: b for a, b in DT.values()}
    return {k: np.frombuffer(raw, inv[v['dtype']], int(np.prod(v['shape'])), 8 + n + v['data_offsets'][0]).reshape(v['shape']) for k, v in head.items()}


def read_folder(path):
    """Hugging Face GPT-2 folder -> (state of model.GPT2 in fp32, its sizes): the way back from hf_tensors."""
    c = json.load(open(os.path.join(path, 'config.json')))
    back = {'attn.c_attn': 'c_attn', 'attn.c_proj': 'c_proj', 'mlp.c_fc': 'c_fc', 'mlp.c_proj': 'm_proj'}
    state = {}
    for k, a in read_safetensors(os.path.join(path, 'model.safetensors')).items():
        if k.startswith('h.'):
            _, i, rest = k.split('.', 2)
            m, leaf = rest.rsplit('.', 1)
            k = f'h.{i}.{back.get(m, m)}.{leaf}'
            a = a.T if leaf == 'weight' and a.ndim == 2 else a
        state[k] = torch.from_numpy(np.ascontiguousarray(a, np.float32))
    return state, dict(vocab=c['vocab_size'], positions=c['n_positions'], dim=c['n_embd'], layers=c['n_layer'], heads=c['n_head'])


def config(conf, tokenizer_json, dtype):
    sp = {t['content']: t['id'] for t in json.load(open(tokenizer_json))['added_tokens']}
    eos, pad = sp['<|endoftext|>'], sp['<|pad|>']
    c = dict(model_type='gpt2', architectures=['GPT2LMHeadModel'], n_layer=conf['layers'], n_head=conf['heads'], n_embd=conf['dim'],
             n_positions=conf['positions'], n_ctx=conf['positions'], n_inner=None, vocab_size=conf['vocab'], activation_function='gelu_new',
             layer_norm_epsilon=1e-5, tie_word_embeddings=True, use_cache=True, bos_token_id=eos, eos_token_id=eos, pad_token_id=pad,
             torch_dtype=dtype)
    g = dict(bos_token_id=eos, eos_token_id=eos, pad_token_id=pad, do_sample=True, temperature=0.8, top_k=50, top_p=0.95, max_length=conf['positions'])
    return c, g


def main():
    ap = argparse.ArgumentParser()
    a = ap.add_argument
    a('--checkpoint', required=True); a('--tokenizer', required=True, help='folder with tokenizer.json and tokenizer_config.json')
    a('--out', required=True); a('--dtype', default='float16', choices=list(DT)); a('--file', default='model.safetensors')
    A = ap.parse_args()
    os.makedirs(A.out, exist_ok=True)
    ck = torch.load(A.checkpoint, map_location='cpu')
    conf = ck['conf']
    T = hf_tensors(ck['model'])
    p = os.path.join(A.out, A.file)
    write_safetensors(p, T, A.dtype, dict(format='pt', step=str(ck.get('step')), tokens=str(ck.get('tokens'))))
    for f in ('tokenizer.json', 'tokenizer_config.json'):
        shutil.copyfile(os.path.join(A.tokenizer, f), os.path.join(A.out, f))
    c, g = config(conf, os.path.join(A.tokenizer, 'tokenizer.json'), A.dtype)
    json.dump(c, open(os.path.join(A.out, 'config.json'), 'w'), indent=1)
    json.dump(g, open(os.path.join(A.out, 'generation_config.json'), 'w'), indent=1)
    back = read_safetensors(p)
    worst = max(float(np.abs(back[k].astype(np.float32) - T[k]).max()) for k in T)
    print(p, os.path.getsize(p), 'bytes;', sum(v.size for v in T.values()), 'parameters; largest rounding error', worst)


if __name__ == '__main__':
    main()
