/* softmax.c: over the last axis, y_i = exp(x_i - max x) / sum_j exp(x_j - max x).   dx = y (dy - sum y dy) */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

static void softmax_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->softmax(rows, width, x, width, y, width);
}

static void softmax_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)x;
    kernels()->softmax_back(rows, width, y, width, dy, width, dx, width);
}

const ActivationKind activation_softmax = {
    .kind = {.name = "softmax", .keras = "softmax", .family = FAMILY_ACTIVATION, .help = "shares that add up to 1: a probability for each class",
             .example = "dense(3, softmax)"},
    .by_row = true,
    .reads = READS_Y,
    .link = LINK_SOFTMAX,
    .low = 0.0f,
    .high = 1.0f,
    .forward = softmax_forward,
    .backward = softmax_backward,
};
