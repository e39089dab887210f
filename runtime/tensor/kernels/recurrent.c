/* runtime/tensor/kernels/recurrent.c: one step of the cells of recurrent layers, gates and states in one pass over the rows, and the
 * same backward. What the gates are of comes from products; see kernels.h for how a row lies. */
#include "runtime/tensor/kernels/each.h"
#include "runtime/tensor/kernels/internal.h"
#include "runtime/tensor/kernels/vec_math.h"

#define ONE vset(1.0f)

/* d s'(x) and d t'(x), from s = sigmoid(x) and t = tanh(x). */
INLINE VF through_sigmoid(VF s, VF d) { return d * (s * (ONE - s)); }
INLINE VF through_tanh(VF t, VF d) { return d * vfma(-t, t, ONE); }

void K(lstm)(int64_t rows, int64_t units, float *z, const float *c_before, float *c, float *c_tanh, float *h, int64_t ldh)
{
    for (; rows > 0; rows--, z += 4 * units, c_before += units, c += units, c_tanh += units, h += ldh)
        EACH(units, j, part,
            VF i = vsigmoid(get(z + j, part));
            VF f = vsigmoid(get(z + units + j, part));
            VF g = vtanh(get(z + 2 * units + j, part));
            VF o = vsigmoid(get(z + 3 * units + j, part));
            VF state = vfma(f, get(c_before + j, part), i * g);
            VF out = vtanh(state);
            put(z + j, i, part);
            put(z + units + j, f, part);
            put(z + 2 * units + j, g, part);
            put(z + 3 * units + j, o, part);
            put(c + j, state, part);
            put(c_tanh + j, out, part);
            put(h + j, o * out, part););
}

void K(lstm_back)(int64_t rows, int64_t units, float *z, const float *c_before, const float *c_tanh, const float *dh, float *dc)
{
    for (; rows > 0; rows--, z += 4 * units, c_before += units, c_tanh += units, dh += units, dc += units)
        EACH(units, j, part,
            VF i = get(z + j, part);
            VF f = get(z + units + j, part);
            VF g = get(z + 2 * units + j, part);
            VF o = get(z + 3 * units + j, part);
            VF out = get(c_tanh + j, part);
            VF d = get(dh + j, part);
            VF state = vfma(d * o, vfma(-out, out, ONE), get(dc + j, part));
            put(z + j, through_sigmoid(i, state * g), part);
            put(z + units + j, through_sigmoid(f, state * get(c_before + j, part)), part);
            put(z + 2 * units + j, through_tanh(g, state * i), part);
            put(z + 3 * units + j, through_sigmoid(o, d * out), part);
            put(dc + j, state * f, part););
}

void K(gru)(int64_t rows, int64_t units, float *z, const float *h_before, int64_t ld_before, float *h, int64_t ldh)
{
    for (; rows > 0; rows--, z += 4 * units, h_before += ld_before, h += ldh)
        EACH(units, j, part,
            VF update = vsigmoid(get(z + units + j, part));
            VF reset = vsigmoid(get(z + 2 * units + j, part));
            VF candidate = vtanh(vfma(reset, get(z + 3 * units + j, part), get(z + j, part)));
            put(z + j, candidate, part);
            put(z + units + j, update, part);
            put(z + 2 * units + j, reset, part);
            put(h + j, vfma(update, get(h_before + j, part) - candidate, candidate), part););
}

void K(gru_back)(int64_t rows, int64_t units, float *z, const float *h_before, int64_t ld_before, float *dh)
{
    for (; rows > 0; rows--, z += 4 * units, h_before += ld_before, dh += units)
        EACH(units, j, part,
            VF candidate = get(z + j, part);
            VF update = get(z + units + j, part);
            VF reset = get(z + 2 * units + j, part);
            VF d = get(dh + j, part);
            VF inner = through_tanh(candidate, d * (ONE - update));
            put(z + j, inner, part);
            put(z + units + j, through_sigmoid(update, d * (get(h_before + j, part) - candidate)), part);
            put(z + 2 * units + j, through_sigmoid(reset, inner * get(z + 3 * units + j, part)), part);
            put(z + 3 * units + j, inner * reset, part);
            put(dh + j, d * update, part););
}
