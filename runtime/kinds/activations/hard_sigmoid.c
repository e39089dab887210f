/* hard_sigmoid.c: y = x / 6 + 1/2 between -3 and 3, else 0 or 1. At both ends the derivative is 0. */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

static void hard_sigmoid_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->affine(rows * width, 1.0f / 6.0f, 0.5f, x, y);
    kernels()->clip(rows * width, 0.0f, 1.0f, y, y);
}

static void hard_sigmoid_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    for (int64_t i = 0; i < rows * width; i++) dx[i] = fabsf(x[i]) < 3.0f ? dy[i] * (1.0f / 6.0f) : 0.0f;
}

const ActivationKind activation_hard_sigmoid = {
    .kind = {.name = "hard_sigmoid", .keras = "hard_sigmoid", .family = FAMILY_ACTIVATION,
             .help = "sigmoid as a straight line that ends at 0 and 1", .example = "dense(8, hard_sigmoid)"},
    .reads = READS_X,
    .low = 0.0f,
    .high = 1.0f,
    .forward = hard_sigmoid_forward,
    .backward = hard_sigmoid_backward,
};
