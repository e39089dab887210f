/* sparse_plus.c: y = (x + 1)^2 / 4 between -1 and 1, below 0, above x */
#include "runtime/kinds/kind.h"

#include <math.h>

static void sparse_plus_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    for (int64_t i = 0; i < rows * width; i++) y[i] = x[i] <= -1.0f ? 0.0f : x[i] >= 1.0f ? x[i] : 0.25f * (x[i] + 1.0f) * (x[i] + 1.0f);
}

static void sparse_plus_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    for (int64_t i = 0; i < rows * width; i++) dx[i] = x[i] <= -1.0f ? 0.0f : x[i] >= 1.0f ? dy[i] : 0.5f * (x[i] + 1.0f) * dy[i];
}

const ActivationKind activation_sparse_plus = {
    .kind = {.name = "sparse_plus", .keras = "sparse_plus", .keras_since = 9, .family = FAMILY_ACTIVATION, .help = "a smooth relu that is exactly 0 below -1",
             .example = "dense(8, sparse_plus)"},
    .reads = READS_X,
    .low = 0.0f,
    .high = INFINITY,
    .forward = sparse_plus_forward,
    .backward = sparse_plus_backward,
};
