/* softplus.c: y = log(1 + exp(x)) */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

static void softplus_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->softplus(rows * width, x, y);
}

static void softplus_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    kernels()->softplus_back(rows * width, x, dy, dx);
}

const ActivationKind activation_softplus = {
    .kind = {.name = "softplus", .keras = "softplus", .family = FAMILY_ACTIVATION, .help = "a smooth relu, always above 0", .example = "dense(8, softplus)"},
    .reads = READS_X,
    .low = 0.0f,
    .high = INFINITY,
    .forward = softplus_forward,
    .backward = softplus_backward,
};
