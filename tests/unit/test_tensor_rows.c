/* tests/unit/test_tensor_rows.c: sums, rows of matrices and optimizer steps, against plain loops in double. */
#include "tests/unit/test.h"

#include "runtime/tensor/kernels.h"

static const char *const sets[] = {"v4", "v3", "v2", "generic"};
enum { SETS = 4, N = 1000 };

static uint32_t state;
static void numbers(float *x, int n, float size)
{
    for (int i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(int32_t)state * 0x1p-31f * size;
    }
}

TEST(sums)
{
    float x[N], y[N];
    numbers(x, N, 1000);
    numbers(y, N, 0.01f);
    for (int n = 0; n <= N; n = n < 40 ? n + 1 : n * 3 / 2) {
        double sum = 0, size = 0, squares = 0, dot = 0, dot_size = 0;
        for (int i = 0; i < n; i++) {
            sum += (double)x[i];
            size += fabs((double)x[i]);
            squares += (double)x[i] * (double)x[i];
            dot += (double)x[i] * (double)y[i];
            dot_size += fabs((double)x[i] * (double)y[i]);
        }
        double first[4] = {0};
        bool have = false;
        for (int s = 0; s < SETS; s++) {
            const Kernels *k = kernels_named(sets[s]);
            if (!k) continue;
            double got[4] = {k->sum(n, x), k->sum_abs(n, x), k->sum_squares(n, x), k->dot(n, x, y)};
            NEAR(got[0], sum, 1e-13 * size);
            NEAR(got[1], size, 1e-13 * size);
            NEAR(got[2], squares, 1e-13 * squares);
            NEAR(got[3], dot, 1e-13 * dot_size);
            if (have) OK(memcmp(first, got, sizeof got) == 0);
            memcpy(first, got, sizeof got);
            have = true;
        }
    }
}

TEST(largest_and_finite)
{
    for (int s = 0; s < SETS; s++) {
        const Kernels *k = kernels_named(sets[s]);
        if (!k) continue;
        float x[70];
        NEAR(k->largest(0, x), -INFINITY, 0);
        for (int n = 1; n < 70; n++)
            for (int at = 0; at < n; at += 5) {
                for (int i = 0; i < n; i++) x[i] = -5.0f - (float)(i % 7);
                x[at] = -1.0f;
                x[n - 1] = -1.0f;
                NEAR(k->largest(n, x), -1, 0);
                EQ(k->arg_max(n, x), at);
                OK(k->all_finite(n, x));
                x[n / 2] = INFINITY;
                OK(!k->all_finite(n, x));
                EQ(k->arg_max(n, x), n / 2);
                x[at] = NAN;
                OK(!k->all_finite(n, x));
                OK(isnan(k->largest(n, x)));
                EQ(k->arg_max(n, x), at);
            }
    }
}

TEST(rows)
{
    enum { ROWS = 7, LD = 90 };
    float x[ROWS * LD], d[ROWS * LD], bias[LD];
    numbers(x, ROWS * LD, 5);
    numbers(d, ROWS * LD, 1);
    numbers(bias, LD, 1);
    for (int cols = 1; cols <= 85; cols++) {
        float first[3][ROWS * LD], sums[2][LD];
        bool have = false;
        for (int s = 0; s < SETS; s++) {
            const Kernels *k = kernels_named(sets[s]);
            if (!k) continue;
            float y[3][ROWS * LD], out[LD];
            for (int i = 0; i < 3; i++) memcpy(y[i], x, sizeof x);
            memcpy(out, bias, sizeof bias);
            k->softmax(ROWS, cols, x, LD, y[0], LD);
            k->softmax_back(ROWS, cols, y[0], LD, d, LD, y[1], LD);
            k->add_bias(ROWS, cols, y[2], LD, bias, GEMM_RELU);
            k->col_sums(ROWS, cols, x, LD, out, true);
            for (int r = 0; r < ROWS; r++) {
                double most = -1e9, total = 0, mean = 0;
                for (int j = 0; j < cols; j++) most = fmax(most, (double)x[r * LD + j]);
                for (int j = 0; j < cols; j++) total += exp((double)x[r * LD + j] - most);
                for (int j = 0; j < cols; j++) mean += (double)y[0][r * LD + j] * (double)d[r * LD + j];
                for (int j = 0; j < cols; j++) {
                    const int at = r * LD + j;
                    double p = exp((double)x[at] - most) / total;
                    NEAR(y[0][at], p, 1e-6 * p);
                    NEAR(y[1][at], (double)y[0][at] * ((double)d[at] - mean), 1e-6 * (double)y[0][at]);
                    NEAR(y[2][at], fmax(0, (double)x[at] + (double)bias[j]), 1e-6);
                }
                NEAR(y[0][r * LD + cols], x[r * LD + cols], 0);
            }
            for (int j = 0; j < cols; j++) {
                double sum = (double)bias[j];
                for (int r = 0; r < ROWS; r++) sum += (double)x[r * LD + j];
                NEAR(out[j], sum, 1e-5);
            }
            NEAR(out[cols], bias[cols], 0);
            if (have) OK(memcmp(first, y, sizeof y) == 0 && memcmp(sums[0], out, sizeof out) == 0);
            memcpy(first, y, sizeof y);
            memcpy(sums[0], out, sizeof out);
            have = true;
        }
    }
}

TEST(softmax_of_extremes)
{
    float x[3] = {1000, 0, -1000}, y[3];
    kernels()->softmax(1, 3, x, 3, y, 3);
    NEAR(y[0], 1, 0);
    NEAR(y[1], 0, 0);
    x[1] = NAN;
    kernels()->softmax(1, 3, x, 3, x, 3);
    OK(isnan(x[0]) && isnan(x[1]) && isnan(x[2]));
}

TEST(transpose)
{
    float x[40 * 50], y[50 * 60];
    numbers(x, 40 * 50, 1);
    kernels()->transpose(37, 45, x, 50, y, 60);
    for (int r = 0; r < 37; r++)
        for (int c = 0; c < 45; c++) NEAR(y[c * 60 + r], x[r * 50 + c], 0);
}

/* ---- optimizers: some steps, in double by the formulas of Keras ---- */

enum { STEPS = 20, P = 37 };

typedef enum { SGD, MOMENTUM, NESTEROV, ADAM, AMSGRAD, RMSPROP, RMSPROP_CENTERED, RMSPROP_MOMENTUM, OPTIMIZERS } Optimizer;

static void step_of(Optimizer o, const Kernels *k, float *w, const float *g, float *a, float *b, float *c, int t)
{
    const float b1t = powf(0.9f, (float)t), b2t = powf(0.999f, (float)t);
    const float alpha = 0.01f * sqrtf(1 - b2t) / (1 - b1t);
    switch (o) {
    case SGD: k->sgd(P, w, g, 0.01f); break;
    case MOMENTUM: k->sgd_momentum(P, w, g, a, 0.01f, 0.9f, false); break;
    case NESTEROV: k->sgd_momentum(P, w, g, a, 0.01f, 0.9f, true); break;
    case ADAM: k->adam(P, w, g, a, b, NULL, alpha, (float)(1 - 0.9), (float)(1 - 0.999), 1e-7f); break;
    case AMSGRAD: k->adam(P, w, g, a, b, c, alpha, (float)(1 - 0.9), (float)(1 - 0.999), 1e-7f); break;
    case RMSPROP: k->rmsprop(P, w, g, a, NULL, NULL, 0.01f, 0.9f, (float)(1 - 0.9), 0, 1e-7f); break;
    case RMSPROP_CENTERED: k->rmsprop(P, w, g, a, b, NULL, 0.01f, 0.9f, (float)(1 - 0.9), 0, 1e-7f); break;
    case RMSPROP_MOMENTUM: k->rmsprop(P, w, g, a, NULL, b, 0.01f, 0.9f, (float)(1 - 0.9), 0.8f, 1e-7f); break;
    case OPTIMIZERS: break;
    }
}

static void step_in_double(Optimizer o, double *w, double g, double *a, double *b, double *c, int t)
{
    /* Keras raises the float32 betas: the difference shows in the third digit of 1 - 0.999^1. */
    const double alpha = 0.01 * sqrt(1 - pow((double)0.999f, t)) / (1 - pow((double)0.9f, t));
    double v;
    switch (o) {
    case SGD: *w -= 0.01 * g; break;
    case MOMENTUM:
        *a = 0.9 * *a - 0.01 * g;
        *w += *a;
        break;
    case NESTEROV:
        *a = 0.9 * *a - 0.01 * g;
        *w += 0.9 * *a - 0.01 * g;
        break;
    case ADAM:
    case AMSGRAD:
        *a += (g - *a) * (1 - 0.9);
        *b += (g * g - *b) * (1 - 0.999);
        *c = fmax(*c, *b);
        *w -= alpha * *a / (sqrt(o == ADAM ? *b : *c) + 1e-7);
        break;
    case RMSPROP:
    case RMSPROP_CENTERED:
    case RMSPROP_MOMENTUM:
        *a = 0.9 * *a + 0.1 * g * g;
        v = *a + 1e-7;
        if (o == RMSPROP_CENTERED) {
            *b = 0.9 * *b + 0.1 * g;
            v -= *b * *b;
        }
        v = 0.01 * g / sqrt(v);
        if (o == RMSPROP_MOMENTUM) v = *b = 0.8 * *b + v;
        *w -= v;
        break;
    case OPTIMIZERS: break;
    }
}

TEST(optimizers)
{
    for (Optimizer o = SGD; o < OPTIMIZERS; o++) {
        float first[P];
        bool have = false;
        for (int s = 0; s < SETS; s++) {
            const Kernels *k = kernels_named(sets[s]);
            if (!k) continue;
            float w[P], g[P], a[P] = {0}, b[P] = {0}, c[P] = {0};
            double ww[P], aa[P] = {0}, bb[P] = {0}, cc[P] = {0};
            state = 5;
            numbers(w, P, 1);
            for (int i = 0; i < P; i++) ww[i] = (double)w[i];
            for (int t = 1; t <= STEPS; t++) {
                numbers(g, P, t < 10 ? 1 : 0.3f); /* smaller later, so that amsgrad's maximum matters */
                step_of(o, k, w, g, a, b, c, t);
                for (int i = 0; i < P; i++) step_in_double(o, &ww[i], (double)g[i], &aa[i], &bb[i], &cc[i], t);
            }
            for (int i = 0; i < P; i++) NEAR(w[i], ww[i], 2e-6);
            if (have) OK(memcmp(first, w, sizeof w) == 0);
            memcpy(first, w, sizeof w);
            have = true;
        }
    }
}

TEST(weight_decay)
{
    float w[3] = {1, -2, 3};
    kernels()->weight_decay(3, w, 0.1f, 0.5f);
    NEAR(w[0], 0.95, 1e-7);
    NEAR(w[1], -1.9, 2e-7);
    NEAR(w[2], 2.85, 3e-7);
}
