// The element-wise parts of GPT-2 training (layer norm, GELU, causal softmax, cross-entropy, head split/merge), forward and backward, in
// bf16 with fp32 arithmetic, for CPUs with AVX-512 and bf16. fastcpu.py calls them with raw pointers through ctypes; the matrix products
// in between are oneDNN's (AMX) by way of torch. Every function runs on the calling thread: fastcpu.py runs one micro-batch per thread.
//
//   g++ -O3 -march=sapphirerapids -ffast-math -shared -fPIC -o libfused.so fused.cpp
#include <immintrin.h>
#include <cstdint>
#include <cstring>
typedef uint16_t bf;
typedef __m512 V;
static inline V ld(const bf* p) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)p)), 16)); }
static inline void st(bf* p, V v) { _mm256_storeu_si256((__m256i*)p, (__m256i)_mm512_cvtneps_pbh(v)); }
static inline V ldf(const float* p) { return _mm512_loadu_ps(p); }
static inline void stf(float* p, V v) { _mm512_storeu_ps(p, v); }
static inline V set(float x) { return _mm512_set1_ps(x); }
static inline V vexp(V x) {                                       // relative error about 1e-6
  x = _mm512_max_ps(_mm512_min_ps(x, set(88.f)), set(-87.f));
  V t = _mm512_mul_ps(x, set(1.44269504f));
  V n = _mm512_roundscale_ps(t, 0);
  V f = _mm512_sub_ps(t, n);
  V p = set(1.5403530e-4f);
  p = _mm512_fmadd_ps(p, f, set(1.3333558e-3f));
  p = _mm512_fmadd_ps(p, f, set(9.6181291e-3f));
  p = _mm512_fmadd_ps(p, f, set(5.5504109e-2f));
  p = _mm512_fmadd_ps(p, f, set(2.4022651e-1f));
  p = _mm512_fmadd_ps(p, f, set(6.9314718e-1f));
  p = _mm512_fmadd_ps(p, f, set(1.f));
  return _mm512_scalef_ps(p, n);
}
static inline V vexp_rough(V x) {                                 // relative error about 1e-4
  x = _mm512_max_ps(_mm512_min_ps(_mm512_mul_ps(x, set(1.44269504f)), set(120.f)), set(-120.f));
  V n = _mm512_roundscale_ps(x, 0), f = _mm512_sub_ps(x, n);
  V p = _mm512_fmadd_ps(set(5.5504109e-2f), f, set(2.4022651e-1f));
  p = _mm512_fmadd_ps(p, f, set(6.9314718e-1f));
  p = _mm512_fmadd_ps(p, f, set(1.f));
  return _mm512_scalef_ps(p, n);
}
extern "C" {

// x_out = x + y + bias (y, bias may be null); h = layer norm of x_out
void add_ln(int64_t M, int64_t D, const float* x, const bf* y, const float* bias, const float* gamma, const float* beta, float* xo, bf* h,
            float* mean, float* rstd) {
  for (int64_t m = 0; m < M; m++) {
    const float* a = x + m * D; float* o = xo + m * D;
    V s = set(0), q = set(0);
    for (int64_t i = 0; i < D; i += 16) {
      V v = ldf(a + i);
      if (y) v = _mm512_add_ps(v, _mm512_add_ps(ld(y + m * D + i), ldf(bias + i)));
      if (y) stf(o + i, v);
      s = _mm512_add_ps(s, v);
    }
    const float* w = y ? o : a;
    float mu = _mm512_reduce_add_ps(s) / D; V vm = set(mu);
    for (int64_t i = 0; i < D; i += 16) { V d = _mm512_sub_ps(ldf(w + i), vm); q = _mm512_fmadd_ps(d, d, q); }
    float r = 1.f / __builtin_sqrtf(_mm512_reduce_add_ps(q) / D + 1e-5f); V vr = set(r);
    mean[m] = mu; rstd[m] = r;
    for (int64_t i = 0; i < D; i += 16)
      st(h + m * D + i, _mm512_fmadd_ps(_mm512_mul_ps(_mm512_sub_ps(ldf(w + i), vm), vr), ldf(gamma + i), ldf(beta + i)));
  }
}

// dres += gradient of the layer norm at x; db16 = dres in bf16; dgamma, dbeta, dbias (column sums of the new dres) are added to
void ln_bwd(int64_t M, int64_t D, const bf* dh, const float* x, const float* mean, const float* rstd, const float* gamma, float* dres, bf* db16,
            float* dgamma, float* dbeta, float* dbias, int64_t first) {
  for (int64_t m = 0; m < M; m++) {
    const bf* g = dh + m * D; const float* a = x + m * D; float* o = dres + m * D;
    V vm = set(mean[m]), vr = set(rstd[m]), s1 = set(0), s2 = set(0);
    for (int64_t i = 0; i < D; i += 16) {
      V d = ld(g + i), xh = _mm512_mul_ps(_mm512_sub_ps(ldf(a + i), vm), vr);
      stf(dgamma + i, _mm512_fmadd_ps(d, xh, ldf(dgamma + i)));
      stf(dbeta + i, _mm512_add_ps(d, ldf(dbeta + i)));
      V dg = _mm512_mul_ps(d, ldf(gamma + i));
      s1 = _mm512_add_ps(s1, dg); s2 = _mm512_fmadd_ps(dg, xh, s2);
    }
    V c1 = set(_mm512_reduce_add_ps(s1) / D), c2 = set(_mm512_reduce_add_ps(s2) / D);
    for (int64_t i = 0; i < D; i += 16) {
      V xh = _mm512_mul_ps(_mm512_sub_ps(ldf(a + i), vm), vr), dg = _mm512_mul_ps(ld(g + i), ldf(gamma + i));
      V r = _mm512_mul_ps(vr, _mm512_sub_ps(_mm512_sub_ps(dg, c1), _mm512_mul_ps(xh, c2)));
      if (!first) r = _mm512_add_ps(r, ldf(o + i));
      stf(o + i, r); st(db16 + m * D + i, r);
      if (dbias) stf(dbias + i, _mm512_add_ps(r, ldf(dbias + i)));
    }
  }
}

static inline void gelu_parts(V x, V& s, V& du) {                 // sigmoid(2u) and 2u'
  V x2 = _mm512_mul_ps(x, x);
  V u2 = _mm512_mul_ps(_mm512_mul_ps(set(1.5957691216f), x), _mm512_fmadd_ps(set(.044715f), x2, set(1.f)));
  s = _mm512_rcp14_ps(_mm512_add_ps(set(1.f), vexp_rough(_mm512_sub_ps(set(0), u2))));   // bf16 follows: 14 bits are plenty
  du = _mm512_mul_ps(set(1.5957691216f), _mm512_fmadd_ps(set(3 * .044715f), x2, set(1.f)));
}
// f += bias (kept for the backward pass); g = gelu_new(f)
void gelu_fwd(int64_t M, int64_t N, bf* f, const float* bias, bf* g) {
  for (int64_t m = 0; m < M; m++) for (int64_t i = 0; i < N; i += 16) {
    V x = _mm512_add_ps(ld(f + m * N + i), ldf(bias + i)), s, du;
    gelu_parts(x, s, du);
    st(f + m * N + i, x); st(g + m * N + i, _mm512_mul_ps(x, s));
  }
}
void gelu_bwd(int64_t M, int64_t N, bf* dg, const bf* f, float* dbias) {
  for (int64_t m = 0; m < M; m += 4) for (int64_t i = 0; i < N; i += 16) {
    V sum = ldf(dbias + i);
    for (int64_t j = m; j < m + 4 && j < M; j++) {
      V x = ld(f + j * N + i), s, du; gelu_parts(x, s, du);
      V d = _mm512_fmadd_ps(_mm512_mul_ps(x, du), _mm512_fnmadd_ps(s, s, s), s);
      V r = _mm512_mul_ps(ld(dg + j * N + i), d);
      st(dg + j * N + i, r); sum = _mm512_add_ps(sum, r);
    }
    stf(dbias + i, sum);
  }
}

// [B,T,P,H,d] + bias -> [P][B,H,T,d]; part 0 is multiplied by scale
void split_heads(int64_t B, int64_t T, int64_t P, int64_t H, int64_t d, const bf* src, const float* bias, bf* dst, float scale) {
  for (int64_t b = 0; b < B; b++) for (int64_t p = 0; p < P; p++) for (int64_t h = 0; h < H; h++) {
    V sc = set(p ? 1.f : scale);
    for (int64_t t = 0; t < T; t++) for (int64_t i = 0; i < d; i += 16) {
      V v = ld(src + ((((b * T + t) * P + p) * H + h) * d + i));
      if (bias) v = _mm512_add_ps(v, ldf(bias + (p * H + h) * d + i));
      st(dst + ((((p * B + b) * H + h) * T + t) * d + i), _mm512_mul_ps(v, sc));
    }
  }
}
// the way back; dbias (may be null) gets the column sums
void merge_heads(int64_t B, int64_t T, int64_t P, int64_t H, int64_t d, const bf* src, float* dbias, bf* dst, float scale) {
  for (int64_t b = 0; b < B; b++) for (int64_t p = 0; p < P; p++) for (int64_t h = 0; h < H; h++) {
    V sc = set(p ? 1.f : scale);
    for (int64_t t = 0; t < T; t++) for (int64_t i = 0; i < d; i += 16) {
      V v = _mm512_mul_ps(ld(src + ((((p * B + b) * H + h) * T + t) * d + i)), sc);
      if (dbias) { float* o = dbias + (p * H + h) * d + i; stf(o, _mm512_add_ps(v, ldf(o))); }
      st(dst + ((((b * T + t) * P + p) * H + h) * d + i), v);
    }
  }
}

// softmax over the keys lo[b][t] .. t (the document that token t belongs to, up to t); everything else becomes 0
void softmax_fwd(int64_t B, int64_t H, int64_t T, bf* S, const int32_t* lo) {
  float buf[4096];
  for (int64_t b = 0; b < B; b++) for (int64_t h = 0; h < H; h++) for (int64_t t = 0; t < T; t++) {
    bf* r = S + ((b * H + h) * T + t) * T;
    int64_t a = lo[b * T + t], i0 = a & ~15, i1 = (t & ~15) + 16;
    V mx = set(-3e38f);
    for (int64_t i = i0; i < i1; i += 16) {
      __mmask16 k = 0xffff;
      if (i < a) k &= (__mmask16)(0xffff << (a - i));
      if (i + 15 > t) k &= (__mmask16)((1u << (t - i + 1)) - 1);
      V v = _mm512_mask_blend_ps(k, set(-3e38f), ld(r + i));
      stf(buf + i, v); mx = _mm512_max_ps(mx, v);
    }
    V m = set(_mm512_reduce_max_ps(mx)), s = set(0);
    for (int64_t i = i0; i < i1; i += 16) {
      V v = ldf(buf + i); __mmask16 k = _mm512_cmp_ps_mask(v, set(-1e38f), _CMP_GT_OQ);
      v = _mm512_maskz_mov_ps(k, vexp(_mm512_sub_ps(v, m))); stf(buf + i, v); s = _mm512_add_ps(s, v);
    }
    V q = set(1.f / _mm512_reduce_add_ps(s));
    memset(r, 0, i0 * 2);
    for (int64_t i = i0; i < i1; i += 16) st(r + i, _mm512_mul_ps(ldf(buf + i), q));
    if (i1 < T) memset(r + i1, 0, (T - i1) * 2);
  }
}
// dP -> dS in place
void softmax_bwd(int64_t B, int64_t H, int64_t T, const bf* P, bf* dP, const int32_t* lo) {
  for (int64_t b = 0; b < B; b++) for (int64_t h = 0; h < H; h++) for (int64_t t = 0; t < T; t++) {
    const bf* p = P + ((b * H + h) * T + t) * T; bf* d = dP + ((b * H + h) * T + t) * T;
    int64_t i0 = lo[b * T + t] & ~15, i1 = (t & ~15) + 16;
    V s = set(0);
    for (int64_t i = i0; i < i1; i += 16) s = _mm512_fmadd_ps(ld(p + i), ld(d + i), s);
    V q = set(_mm512_reduce_add_ps(s));
    memset(d, 0, i0 * 2);
    for (int64_t i = i0; i < i1; i += 16) st(d + i, _mm512_mul_ps(ld(p + i), _mm512_sub_ps(ld(d + i), q)));   // p is 0 outside the document
    if (i1 < T) memset(d + i1, 0, (T - i1) * 2);
  }
}

// logits -> (softmax - one-hot) * scale in place; returns the sum of the losses. target < 0: row is ignored
double cross_entropy(int64_t M, int64_t N, bf* z, const int32_t* target, float scale) {
  double loss = 0;
  static thread_local float buf[65536];
  for (int64_t m = 0; m < M; m++) {
    bf* r = z + m * N;
    if (target[m] < 0) { memset(r, 0, N * 2); continue; }
    V mx = set(-3e38f);
    for (int64_t i = 0; i < N; i += 16) mx = _mm512_max_ps(mx, ld(r + i));
    float fm = _mm512_reduce_max_ps(mx); V vm = set(fm), s = set(0);
    uint32_t tb = (uint32_t)r[target[m]] << 16; float zt; memcpy(&zt, &tb, 4);
    for (int64_t i = 0; i < N; i += 16) { V e = vexp(_mm512_sub_ps(ld(r + i), vm)); stf(buf + i, e); s = _mm512_add_ps(s, e); }
    float tot = _mm512_reduce_add_ps(s);
    loss += __builtin_logf(tot) + fm - zt;
    V q = set(scale / tot);
    buf[target[m]] -= tot;
    for (int64_t i = 0; i < N; i += 16) st(r + i, _mm512_mul_ps(ldf(buf + i), q));
  }
  return loss;
}

void embed(int64_t M, int64_t D, const int32_t* id, const int32_t* pos, const float* wte, const float* wpe, float* x) {
  for (int64_t m = 0; m < M; m++) for (int64_t i = 0; i < D; i += 16)
    stf(x + m * D + i, _mm512_add_ps(ldf(wte + (int64_t)id[m] * D + i), ldf(wpe + (int64_t)pos[m] * D + i)));
}
void embed_bwd(int64_t M, int64_t D, const int32_t* id, const int32_t* pos, const float* d, float* gte, float* gpe) {
  for (int64_t m = 0; m < M; m++) for (int64_t i = 0; i < D; i += 16) {
    V v = ldf(d + m * D + i); float *a = gte + (int64_t)id[m] * D + i, *b = gpe + (int64_t)pos[m] * D + i;
    stf(a, _mm512_add_ps(ldf(a), v)); stf(b, _mm512_add_ps(ldf(b), v));
  }
}
void accumulate(int64_t n, float* dst, const bf* src) { for (int64_t i = 0; i < n; i += 16) stf(dst + i, _mm512_add_ps(ldf(dst + i), ld(src + i))); }

// Muon. First pass: b = momentum * b + g; returns the sum of squares of u = g + momentum * b. Second: out = u * scale.
double muon_momentum(int64_t n, const float* g, float* b, float mom) {
  V s = set(0), m = set(mom);
  for (int64_t i = 0; i < n; i += 16) {
    V x = ldf(g + i), y = _mm512_fmadd_ps(m, ldf(b + i), x), u = _mm512_fmadd_ps(m, y, x);
    stf(b + i, y); s = _mm512_fmadd_ps(u, u, s);
  }
  return _mm512_reduce_add_ps(s);
}
void muon_scale(int64_t n, const float* g, const float* b, float mom, float scale, bf* out) {
  V m = set(mom), q = set(scale);
  for (int64_t i = 0; i < n; i += 16) st(out + i, _mm512_mul_ps(q, _mm512_fmadd_ps(m, ldf(b + i), ldf(g + i))));
}
void muon_apply(int64_t n, float* w, const bf* u, float keep, float lr) {      // w = keep * w - lr * u
  V k = set(keep), l = set(lr);
  for (int64_t i = 0; i < n; i += 16) stf(w + i, _mm512_fnmadd_ps(l, ld(u + i), _mm512_mul_ps(k, ldf(w + i))));
}
}
