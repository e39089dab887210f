/* tests/unit/test_tensor_math.c: elementwise functions against libm in double, in units in the last place, over floats of every size;
 * their gradients against the formulas in double; the same bits by every table and at every place. With NNL_TEST_LONG set in the
 * environment all 2^32 floats are tried. */
#include "tests/unit/test.h"

#include "runtime/tensor/kernels.h"

#include <stdlib.h>

static const char *const sets[] = {"v4", "v3", "v2", "generic"};
enum { SETS = 4, CHUNK = 4096 };

typedef void Unary(int64_t n, const float *x, float *y);

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Distance in units in the last place of the float nearest to `exact`. */
static double ulps(float got, double exact)
{
    if (isnan(exact)) return isnan(got) ? 0 : HUGE_VAL;
    float nearest = (float)exact;
    if (got == nearest) return 0;
    if (isinf(nearest) || isnan(got) || isinf(got)) {
        /* beside the end of the range one unit of the largest float is allowed for */
        double limited = isinf(got) ? copysign(0x1p128, (double)got) : (double)got;
        return isnan(got) || isinf(exact) ? HUGE_VAL : fabs(limited - exact) / 0x1p104;
    }
    int exponent;
    frexp(exact, &exponent);
    return fabs((double)got - exact) / ldexp(1.0, exponent - 24 < -149 ? -149 : exponent - 24);
}

/* Floats `stride` apart in their bits: of every sign and size, with infinities and NaN. */
static void sweep(const char *name, size_t offset, double (*exact)(double), double bound)
{
    const uint64_t stride = getenv("NNL_TEST_LONG") ? 1 : 1009 * 3;
    static float x[CHUNK], y[SETS][CHUNK];
    double worst = 0;
    float where = 0;
    for (uint64_t bits = 0; bits >> 32 == 0;) {
        int n = 0;
        for (; n < CHUNK && bits >> 32 == 0; n++, bits += stride) x[n] = float_of((uint32_t)bits);
        const float *first = NULL;
        for (int s = 0; s < SETS; s++) {
            const Kernels *table = kernels_named(sets[s]);
            if (!table || (stride == 1 && s > 1)) continue;
            Unary *function;
            memcpy(&function, (const char *)table + offset, sizeof(Unary *));
            function(n, x, y[s]);
            for (int i = 0; first && i < n; i++) OK(y[s][i] == first[i] || (isnan(y[s][i]) && isnan(first[i])));
            if (!first) first = y[s];
        }
        for (int i = 0; i < n; i++) {
            double off = ulps(first[i], exact((double)x[i]));
            if (off > worst) {
                worst = off;
                where = x[i];
            }
        }
    }
    if (!(worst <= bound)) printf("%s: off by %.3f units at %a (%.9g)\n", name, worst, (double)where, (double)where);
    OK(worst <= bound);
}

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double softplus(double x) { return fmax(x, 0) + log1p(exp(-fabs(x))) + (isnan(x) ? x : 0); }
static double logarithm(double x) { return x < 0 ? (double)NAN : log(x); }

/* The bounds that kernels.h states. */
#define SWEEP(name, exact, bound) sweep(#name, offsetof(Kernels, name), exact, bound)
TEST(exp_error) { SWEEP(exp, exp, 1.0); }
TEST(log_error) { SWEEP(log, logarithm, 1.0); }
TEST(tanh_error) { SWEEP(tanh, tanh, 2.5); }
TEST(sigmoid_error) { SWEEP(sigmoid, sigmoid, 2.5); }
TEST(softplus_error) { SWEEP(softplus, softplus, 2.5); }
TEST(erf_error) { SWEEP(erf, erf, 1.5); }
TEST(sqrt_error) { SWEEP(sqrt, sqrt, 0.5001); }

TEST(special_values)
{
    const Kernels *k = kernels();
    const float x[5] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN};
    float y[5];
    k->exp(5, x, y);
    NEAR(y[0], 1, 0);
    NEAR(y[2], INFINITY, 0);
    NEAR(y[3], 0, 0);
    OK(isnan(y[4]));
    k->log(5, x, y);
    NEAR(y[0], -INFINITY, 0);
    NEAR(y[1], -INFINITY, 0);
    NEAR(y[2], INFINITY, 0);
    OK(isnan(y[3]) && isnan(y[4]));
    k->tanh(5, x, y);
    OK(y[0] == 0 && y[1] == 0 && signbit(y[1]));
    NEAR(y[2], 1, 0);
    NEAR(y[3], -1, 0);
    OK(isnan(y[4]));
    k->sigmoid(5, x, y);
    NEAR(y[0], 0.5, 0);
    NEAR(y[2], 1, 0);
    NEAR(y[3], 0, 0);
    OK(isnan(y[4]));
    k->relu(5, x, y);
    NEAR(y[3], 0, 0);
    OK(isnan(y[4]));
    k->clip(5, -1, 1, x, y);
    NEAR(y[2], 1, 0);
    NEAR(y[3], -1, 0);
    OK(isnan(y[4]));
}

/* ---- the rest, on ordinary numbers ---- */

enum { N = 1003 };
static float x[N], d[N];

static void ordinary_numbers(void)
{
    uint32_t state = 7;
    for (int i = 0; i < N; i++) {
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(int32_t)state * 0x1p-28f; /* -8 … 8 */
        d[i] = (float)(int32_t)(state * 69069u + 5) * 0x1p-31f;
    }
    x[3] = 0.0f;
}

/* got by the best table, bits compared with the others; `exact` is the value in double, and the error allowed counts in its size and 1. */
#define EACH_TABLE(call, exact, tolerance)                                                                                      \
    do {                                                                                                                         \
        float got[N], other[N];                                                                                                  \
        const Kernels *k = kernels();                                                                                            \
        float *y = got;                                                                                                          \
        call;                                                                                                                    \
        for (int i = 0; i < N; i++) {                                                                                            \
            const double v = (double)x[i], g = (double)d[i];                                                                     \
            (void)v, (void)g;                                                                                                          \
            const double e = (exact);                                                                                            \
            NEAR(got[i], e, (tolerance) * (fabs(e) + 1));                                                                        \
        }                                                                                                                        \
        for (int s = 0; s < SETS; s++) {                                                                                         \
            k = kernels_named(sets[s]);                                                                                          \
            if (!k) continue;                                                                                                    \
            y = other;                                                                                                           \
            call;                                                                                                                \
            OK(memcmp(got, other, sizeof got) == 0);                                                                             \
        }                                                                                                                        \
    } while (0)

static const double selu_scale = 1.05070098735548, selu_alpha = 1.67326324235438;
static double gelu_tanh_inner(double v) { return sqrt(2 / M_PI) * (v + 0.044715 * v * v * v); }

TEST(activations)
{
    ordinary_numbers();
    EACH_TABLE(k->relu(N, x, y), v > 0 ? v : 0, 0);
    EACH_TABLE(k->leaky_relu(N, 0.2f, x, y), v > 0 ? v : (double)0.2f * v, 1e-7);
    EACH_TABLE(k->elu(N, 1.5f, x, y), v > 0 ? v : 1.5 * expm1(v), 2e-7);
    EACH_TABLE(k->selu(N, x, y), selu_scale * (v > 0 ? v : selu_alpha * expm1(v)), 3e-7);
    EACH_TABLE(k->silu(N, x, y), v * sigmoid(v), 3e-7);
    EACH_TABLE(k->gelu(N, x, y), v / 2 * (1 + erf(v / sqrt(2))), 3e-7);
    EACH_TABLE(k->gelu_tanh(N, x, y), v / 2 * (1 + tanh(gelu_tanh_inner(v))), 3e-7);
}

TEST(gradients)
{
    ordinary_numbers();
    EACH_TABLE(k->tanh_back(N, x, d, y), g * (1 - v * v), 1e-6);
    EACH_TABLE(k->sigmoid_back(N, x, d, y), g * v * (1 - v), 1e-6);
    EACH_TABLE(k->softplus_back(N, x, d, y), g * sigmoid(v), 4e-7);
    EACH_TABLE(k->relu_back(N, x, d, y), v > 0 ? g : 0, 0);
    EACH_TABLE(k->leaky_relu_back(N, 0.2f, x, d, y), v > 0 ? g : (double)0.2f * g, 1e-7);
    EACH_TABLE(k->elu_back(N, 1.5f, x, d, y), g * (v > 0 ? 1 : 1.5 * exp(v)), 4e-7);
    EACH_TABLE(k->selu_back(N, x, d, y), g * selu_scale * (v > 0 ? 1 : selu_alpha * exp(v)), 4e-7);
    EACH_TABLE(k->silu_back(N, x, d, y), g * sigmoid(v) * (1 + v * (1 - sigmoid(v))), 6e-7);
    EACH_TABLE(k->gelu_back(N, x, d, y), g * (0.5 * (1 + erf(v / sqrt(2))) + v * exp(-v * v / 2) / sqrt(2 * M_PI)), 1e-6);
    EACH_TABLE(k->gelu_tanh_back(N, x, d, y),
               g * 0.5 * (1 + tanh(gelu_tanh_inner(v)) + v * (1 - pow(tanh(gelu_tanh_inner(v)), 2)) * sqrt(2 / M_PI) * (1 + 3 * 0.044715 * v * v)),
               2e-6);
}

TEST(arithmetic)
{
    ordinary_numbers();
    EACH_TABLE(k->fill(N, 2.5f, y), 2.5, 0);
    EACH_TABLE(k->copy(N, x, y), v, 0);
    EACH_TABLE(k->add(N, x, d, y), v + g, 1e-7);
    EACH_TABLE(k->sub(N, x, d, y), v - g, 1e-7);
    EACH_TABLE(k->mul(N, x, d, y), v * g, 1e-7);
    EACH_TABLE(k->scale(N, 3.0f, x, y), 3 * v, 1e-7);
    EACH_TABLE(k->affine(N, 3.0f, 0.5f, x, y), 3 * v + 0.5, 1e-7);
    EACH_TABLE(k->clip(N, -1.0f, 2.0f, x, y), fmin(fmax(v, -1), 2), 0);
    EACH_TABLE(k->max(N, x, d, y), fmax(v, g), 0);
    EACH_TABLE((memcpy(y, d, sizeof d), k->axpy(N, 3.0f, x, y)), g + 3 * v, 2e-7);
    EACH_TABLE((memcpy(y, d, sizeof d), k->mul_add(N, x, x, y)), g + v * v, 2e-7);
}

TEST(max_keeps_nan)
{
    float a[3] = {NAN, 1, 2}, b[3] = {1, NAN, 3}, y[3];
    kernels()->max(3, a, b, y);
    OK(isnan(y[0]) && isnan(y[1]));
    NEAR(y[2], 3, 0);
}

/* An element's result does not depend on where it stands, and nothing beyond the end is touched. */
TEST(place_does_not_matter)
{
    ordinary_numbers();
    for (int s = 0; s < SETS; s++) {
        const Kernels *k = kernels_named(sets[s]);
        if (!k) continue;
        Unary *const functions[] = {k->exp, k->log, k->tanh, k->sigmoid, k->softplus, k->erf, k->gelu, k->silu, k->selu};
        for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
            float whole[80], part[80];
            functions[f](80, x, whole);
            for (int begin = 0; begin < 40; begin++)
                for (int n = 0; n <= 40; n += 3) {
                    part[n] = 77.0f;
                    functions[f](n, x + begin, part);
                    OK(memcmp(part, whole + begin, (size_t)n * sizeof *part) == 0);
                    NEAR(part[n], 77, 0);
                }
        }
    }
}
