/* sparse_sigmoid.c: y = (x + 1) / 2 between -1 and 1, else 0 or 1. At both ends the derivative is 0. */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

static void sparse_sigmoid_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->affine(rows * width, 0.5f, 0.5f, x, y);
    kernels()->clip(rows * width, 0.0f, 1.0f, y, y);
}

static void sparse_sigmoid_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows,
                                    int64_t width)
{
    (void)args, (void)y;
    for (int64_t i = 0; i < rows * width; i++) dx[i] = fabsf(x[i]) < 1.0f ? 0.5f * dy[i] : 0.0f;
}

const ActivationKind activation_sparse_sigmoid = {
    .kind = {.name = "sparse_sigmoid", .keras = "sparse_sigmoid", .keras_since = 12, .family = FAMILY_ACTIVATION,
             .help = "sigmoid as a steep straight line: exactly 0 below -1, exactly 1 above 1",
             .example = "dense(8, sparse_sigmoid)"},
    .reads = READS_X,
    .low = 0.0f,
    .high = 1.0f,
    .forward = sparse_sigmoid_forward,
    .backward = sparse_sigmoid_backward,
};
