/* exponential.c: y = exp(x) */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

static void exponential_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->exp(rows * width, x, y);
}

static void exponential_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)x;
    kernels()->mul(rows * width, y, dy, dx);
}

const ActivationKind activation_exponential = {
    .kind = {.name = "exponential", .keras = "exponential", .family = FAMILY_ACTIVATION, .help = "e to the power of x, always above 0",
             .example = "dense(8, exponential)"},
    .reads = READS_Y,
    .low = 0.0f,
    .high = INFINITY,
    .forward = exponential_forward,
    .backward = exponential_backward,
};
