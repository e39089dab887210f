/* runtime/tensor/kernels/vec_math.h: exp, log, tanh and their kin on vectors, the same bits for every width.
 *
 * Each reduces its argument exactly or nearly so, evaluates a short polynomial (coefficients of Cephes by S. Moshier, public domain,
 * but for erf) with fused operations, and puts the parts together again. No branches: cases are chosen by vsel. Errors are
 * stated in kernels.h and measured by the tests. */
#ifndef NNL_TENSOR_KERNELS_VEC_MATH_H
#define NNL_TENSOR_KERNELS_VEC_MATH_H

#include "runtime/tensor/kernels/vec.h"

#include <math.h>

/* x = n ln 2 + r, |r| <= ln 2 / 2. Answers e^r - 1, and n as integers. |x| < 2^20. */
INLINE VF vexp_reduced(VF x, VI *n)
{
    VF shifted = vfma(x, vset(0x1.715476p0f), vset(ROUND_MAGIC)), whole = shifted - vset(ROUND_MAGIC);
    *n = vround_bits(shifted);
    VF r = vfma(-whole, vset(0x1.62e4p-1f), x); /* ln 2 in two parts, the first short so that the product is exact */
    r = vfma(-whole, vset(0x1.7f7d1cp-20f), r);
    VF p = vset(1.9875691500e-4f);
    p = vfma(p, r, vset(1.3981999507e-3f));
    p = vfma(p, r, vset(8.3334519073e-3f));
    p = vfma(p, r, vset(4.1665795894e-2f));
    p = vfma(p, r, vset(1.6666665459e-1f));
    p = vfma(p, r, vset(5.0000001201e-1f));
    return vfma(p, r * r, r);
}

/* 2^n for -126 <= n <= 127. */
INLINE VF vpower_of_2(VI n) { return vfloat((VI)(((VU)n + 127) << 23)); }

INLINE VF vexp(VF x)
{
    VI n;
    x = vmin(vset(90.0f), vmax(vset(-105.0f), x)); /* beyond lie infinity and 0; NaN stays */
    VF y = vexp_reduced(x, &n) + vset(1.0f);
    VI half = n >> 1; /* in two factors: 2^n alone need not be a float; only the last product rounds */
    return y * vpower_of_2(half) * vpower_of_2(n - half);
}

/* e^x - 1 for x <= 0. */
INLINE VF vexpm1_negative(VF x)
{
    VI n;
    VF q = vexp_reduced(vmax(vset(-80.0f), x), &n), power = vpower_of_2(n);
    return vfma(q, power, power - vset(1.0f));
}

INLINE VF vlog(VF x)
{
    VM tiny = vgt(vset(0x1p-126f), x);
    VI bits = vbits(vsel(tiny, x * vset(0x1p23f), x));
    VI above = (VI)((VU)bits - 0x3f3504f3u); /* sqrt(1/2): the mantissa is taken from [sqrt(1/2), sqrt 2) */
    VF e = __builtin_convertvector(above >> 23, VF) - vsel(tiny, vset(23.0f), vset(0.0f));
    VF f = vfloat((above & 0x007fffff) + 0x3f3504f3) - vset(1.0f), ff = f * f;
    VF p = vset(7.0376836292e-2f);
    p = vfma(p, f, vset(-1.1514610310e-1f));
    p = vfma(p, f, vset(1.1676998740e-1f));
    p = vfma(p, f, vset(-1.2420140846e-1f));
    p = vfma(p, f, vset(1.4249322787e-1f));
    p = vfma(p, f, vset(-1.6668057665e-1f));
    p = vfma(p, f, vset(2.0000714765e-1f));
    p = vfma(p, f, vset(-2.4999993993e-1f));
    p = vfma(p, f, vset(3.3333331174e-1f));
    p = p * f;
    p = vfma(p, ff, e * vset(-2.12194440e-4f));
    p = vfma(ff, vset(-0.5f), p);
    VF y = vfma(e, vset(0.693359375f), f + p);
    y = vsel(veq(x, vset(INFINITY)), x, y);
    y = vsel(veq(x, vset(0.0f)), vset(-INFINITY), y);
    return vsel(vor(vgt(vset(0.0f), x), vnan(x)), vset(NAN), y);
}

/* log(1 + u) for 0 <= u <= 1: what 1 + u loses is given back to first order. */
INLINE VF vlog1p_unit(VF u)
{
    VF s = u + vset(1.0f);
    return vlog(s) + (u - (s - vset(1.0f))) / s;
}

INLINE VF vtanh(VF x)
{
    VF z = vexpm1_negative(vset(-2.0f) * vabs(x));
    return vcopysign(z / (z + vset(2.0f)), x);
}

INLINE VF vsigmoid(VF x)
{
    VF e = vexp(-vabs(x)), below = vset(1.0f) + e;
    return vsel(vgt(vset(0.0f), x), e, vset(1.0f)) / below;
}

INLINE VF vsoftplus(VF x) { return vmax(vset(0.0f), x) + vlog1p_unit(vexp(-vabs(x))); }

/* Two fits, joined at 475/512: x + x P(x^2) below, 1 - exp(Q(|x|)) above (N. Juffa's, published by him for free use). */
INLINE VF verf(VF x)
{
    VF t = vmin(vset(4.0f), vabs(x)), s = t * t;
    VF r = vfma(vset(-0x1.220000p-16f), t, vset(0x1.91cfb2p-12f));
    VF u = vfma(vset(-0x1.fd1438p-9f), t, vset(0x1.8d6342p-6f));
    r = vfma(r, s, u);
    r = vfma(r, t, vset(-0x1.b55cb8p-4f));
    r = vfma(r, t, vset(-0x1.450aa0p-1f));
    r = vfma(r, t, vset(-0x1.079d0cp-3f));
    r = vfma(r, t, -t);
    VF far = vcopysign(vset(1.0f) - vexp(r), x);
    VF p = vset(-0x1.38e000p-11f);
    p = vfma(p, s, vset(0x1.471a58p-8f));
    p = vfma(p, s, vset(-0x1.b691b2p-6f));
    p = vfma(p, s, vset(0x1.ce1c44p-4f));
    p = vfma(p, s, vset(-0x1.812700p-2f));
    p = vfma(p, s, vset(0x1.06eba8p-3f));
    return vsel(vgt(t, vset(0.927734375f)), far, vfma(p, x, x));
}

/* cos and sin of 2 pi turn, 0 <= turn < 1: the quarter is split off exactly. */
INLINE void vcos_sin_turn(VF turn, VF *cosine, VF *sine)
{
    VF four = turn * vset(4.0f), shifted = four + vset(ROUND_MAGIC);
    VI quarter = vround_bits(shifted);
    VF a = (four - (shifted - vset(ROUND_MAGIC))) * vset(0x1.921fb6p0f), aa = a * a;
    VF s = vfma(vset(-1.9515295891e-4f), aa, vset(8.3321608736e-3f));
    s = vfma(s, aa, vset(-1.6666654611e-1f));
    s = vfma(s, aa * a, a);
    VF c = vfma(vset(2.443315711809948e-5f), aa, vset(-1.388731625493765e-3f));
    c = vfma(c, aa, vset(4.166664568298827e-2f));
    c = vfma(c, aa * aa, vfma(aa, vset(-0.5f), vset(1.0f)));
    VM swap = vodd(quarter);
    VF cos_size = vsel(swap, s, c), sin_size = vsel(swap, c, s);
    *cosine = vfloat(vbits(cos_size) ^ (VI)(((VU)(quarter + 1) & 2) << 30));
    *sine = vfloat(vbits(sin_size) ^ (VI)(((VU)quarter & 2) << 30));
}

#endif
