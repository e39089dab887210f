/* runtime/tensor/kernels/elementwise.c: functions of one element at a time: activations, their gradients, arithmetic.
 * Whole vectors first, then one partly filled; each element's result is the same wherever it stands. */
#include "runtime/tensor/kernels/each.h"
#include "runtime/tensor/kernels/internal.h"
#include "runtime/tensor/kernels/vec_math.h"

#define ONE 1.0f
#define SELU_SCALE 1.05070098735548f
#define SELU_ALPHA 1.67326324235438f
#define ROOT_HALF 0.70710678118654752f
#define ROOT_2_PI 0.79788456080286536f     /* sqrt(2 / pi) */
#define ONE_ROOT_2PI 0.39894228040143268f  /* 1 / sqrt(2 pi) */
#define GELU_CUBE 0.044715f

INLINE VF elu(VF x, VF alpha) { return vsel(vgt(x, vset(0.0f)), x, alpha * vexpm1_negative(vmin(vset(0.0f), x))); }
INLINE VF elu_slope(VF x, VF alpha) { return vsel(vgt(x, vset(0.0f)), vset(ONE), alpha * vexp(x)); }
INLINE VF silu_slope(VF x)
{
    VF s = vsigmoid(x);
    return s * vfma(x, vset(ONE) - s, vset(ONE));
}
INLINE VF gelu(VF x) { return vset(0.5f) * x * (vset(ONE) + verf(x * vset(ROOT_HALF))); }
INLINE VF gelu_slope(VF x)
{
    VF density = vset(ONE_ROOT_2PI) * vexp(vset(-0.5f) * x * x);
    return vfma(x, density, vset(0.5f) * (vset(ONE) + verf(x * vset(ROOT_HALF))));
}
/* (1 + tanh u) / 2 is sigmoid(2 u), which keeps its digits where tanh is near -1. */
INLINE VF gelu_share(VF x) { return vsigmoid(vset(2.0f * ROOT_2_PI) * vfma(vset(GELU_CUBE) * x, x * x, x)); }
INLINE VF gelu_tanh(VF x) { return x * gelu_share(x); }
INLINE VF gelu_tanh_slope(VF x)
{
    VF s = gelu_share(x), inner = vset(2.0f * ROOT_2_PI) * vfma(vset(3.0f * GELU_CUBE) * x, x, vset(ONE));
    return s * vfma(x * inner, vset(ONE) - s, vset(ONE));
}

#define UNARY(name, value)                                                                                                       \
    void K(name)(int64_t n, const float *x, float *y) { EACH(n, i, part, VF v = get(x + i, part); put(y + i, (value), part);); }

UNARY(exp, vexp(v))
UNARY(log, vlog(v))
UNARY(tanh, vtanh(v))
UNARY(sigmoid, vsigmoid(v))
UNARY(softplus, vsoftplus(v))
UNARY(erf, verf(v))
UNARY(sqrt, vsqrt(v))
UNARY(relu, vmax(vset(0.0f), v))
UNARY(selu, vset(SELU_SCALE) * elu(v, vset(SELU_ALPHA)))
UNARY(silu, v * vsigmoid(v))
UNARY(gelu, gelu(v))
UNARY(gelu_tanh, gelu_tanh(v))
UNARY(copy, v)

#define UNARY_WITH(name, value)                                                                                                  \
    void K(name)(int64_t n, float parameter, const float *x, float *y)                                                           \
    {                                                                                                                            \
        const VF p = vset(parameter);                                                                                            \
        EACH(n, i, part, VF v = get(x + i, part); put(y + i, (value), part););                                                   \
    }

UNARY_WITH(leaky_relu, vsel(vgt(v, vset(0.0f)), v, p * v))
UNARY_WITH(elu, elu(v, p))
UNARY_WITH(scale, p * v)
UNARY_WITH(axpy, vfma(p, v, get(y + i, part)))

/* v is x or y, as the table says; d is the gradient that comes in. */
#define BACK(name, value)                                                                                                        \
    void K(name)(int64_t n, const float *x, const float *dy, float *dx)                                                          \
    {                                                                                                                            \
        EACH(n, i, part, VF v = get(x + i, part); VF d = get(dy + i, part); put(dx + i, (value), part););                        \
    }
#define BACK_WITH(name, value)                                                                                                   \
    void K(name)(int64_t n, float parameter, const float *x, const float *dy, float *dx)                                         \
    {                                                                                                                            \
        const VF p = vset(parameter);                                                                                            \
        EACH(n, i, part, VF v = get(x + i, part); VF d = get(dy + i, part); put(dx + i, (value), part););                        \
    }

BACK(tanh_back, d * vfma(-v, v, vset(ONE)))
BACK(sigmoid_back, d * (v * (vset(ONE) - v)))
BACK(softplus_back, d * vsigmoid(v))
BACK(relu_back, vsel(vgt(v, vset(0.0f)), d, vset(0.0f)))
BACK_WITH(leaky_relu_back, vsel(vgt(v, vset(0.0f)), d, p * d))
BACK_WITH(elu_back, d * elu_slope(v, p))
BACK(selu_back, d * (vset(SELU_SCALE) * elu_slope(v, vset(SELU_ALPHA))))
BACK(silu_back, d * silu_slope(v))
BACK(gelu_back, d * gelu_slope(v))
BACK(gelu_tanh_back, d * gelu_tanh_slope(v))

#define BINARY(name, value)                                                                                                      \
    void K(name)(int64_t n, const float *a, const float *b, float *y)                                                            \
    {                                                                                                                            \
        EACH(n, i, part, VF v = get(a + i, part); VF u = get(b + i, part); put(y + i, (value), part););                          \
    }

BINARY(add, v + u)
BINARY(sub, v - u)
BINARY(mul, v * u)
BINARY(mul_add, vfma(v, u, get(y + i, part)))
BINARY(max, vsel(vnan(v), v, vmax(v, u)))

void K(fill)(int64_t n, float value, float *y)
{
    const VF v = vset(value);
    EACH(n, i, part, put(y + i, v, part););
}

void K(affine)(int64_t n, float factor, float offset, const float *x, float *y)
{
    const VF f = vset(factor), o = vset(offset);
    EACH(n, i, part, put(y + i, vfma(f, get(x + i, part), o), part););
}

void K(clip)(int64_t n, float low, float high, const float *x, float *y)
{
    const VF l = vset(low), h = vset(high);
    EACH(n, i, part, put(y + i, vmin(h, vmax(l, get(x + i, part))), part););
}

/* Optimizers: the order of operations is Keras's, but for products that are fused with the sum that follows. */

void K(sgd)(int64_t n, float *w, const float *g, float lr)
{
    const VF step = vset(-lr);
    EACH(n, i, part, put(w + i, vfma(step, get(g + i, part), get(w + i, part)), part););
}

void K(sgd_momentum)(int64_t n, float *w, const float *g, float *m, float lr, float momentum, bool nesterov)
{
    const VF step = vset(-lr), mu = vset(momentum);
    EACH(n, i, part,
         VF down = step * get(g + i, part);
         VF v = vfma(mu, get(m + i, part), down);
         put(m + i, v, part);
         put(w + i, get(w + i, part) + (nesterov ? vfma(mu, v, down) : v), part););
}

void K(adam)(int64_t n, float *w, const float *g, float *m, float *v, float *v_max, float alpha, float one_less_b1,
             float one_less_b2, float epsilon)
{
    const VF a = vset(alpha), o1 = vset(one_less_b1), o2 = vset(one_less_b2), e = vset(epsilon);
    EACH(n, i, part,
         VF grad = get(g + i, part);
         VF old_m = get(m + i, part);
         VF old_v = get(v + i, part);
         VF new_m = vfma(grad - old_m, o1, old_m);
         VF new_v = vfma(vfma(grad, grad, -old_v), o2, old_v);
         put(m + i, new_m, part);
         put(v + i, new_v, part);
         if (v_max) {
             new_v = vmax(get(v_max + i, part), new_v);
             put(v_max + i, new_v, part);
         }
         put(w + i, get(w + i, part) - (a * new_m) / (vsqrt(new_v) + e), part););
}

void K(rmsprop)(int64_t n, float *w, const float *g, float *v, float *average, float *m, float lr, float rho,
                float one_less_rho, float momentum, float epsilon)
{
    const VF rate = vset(lr), r = vset(rho), o = vset(one_less_rho), mu = vset(momentum), e = vset(epsilon);
    EACH(n, i, part,
         VF grad = get(g + i, part);
         VF new_v = vfma(r, get(v + i, part), o * (grad * grad));
         VF below = new_v + e;
         put(v + i, new_v, part);
         if (average) {
             VF new_average = vfma(r, get(average + i, part), o * grad);
             put(average + i, new_average, part);
             below = vfma(-new_average, new_average, new_v) + e;
         }
         VF down = (rate * grad) / vsqrt(below);
         if (m) {
             down = vfma(mu, get(m + i, part), down);
             put(m + i, down, part);
         }
         put(w + i, get(w + i, part) - down, part););
}

void K(weight_decay)(int64_t n, float *w, float decay, float lr)
{
    const VF d = vset(decay), rate = vset(lr);
    EACH(n, i, part, VF v = get(w + i, part); put(w + i, vfma(-(v * d), rate, v), part););
}
