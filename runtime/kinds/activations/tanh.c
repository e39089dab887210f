/* tanh.c: y = tanh x */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

static void tanh_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->tanh(rows * width, x, y);
}

static void tanh_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)x;
    kernels()->tanh_back(rows * width, y, dy, dx);
}

const ActivationKind activation_tanh = {
    .kind = {.name = "tanh", .keras = "tanh", .family = FAMILY_ACTIVATION, .help = "between -1 and 1", .example = "dense(8, tanh)"},
    .reads = READS_Y,
    .low = -1.0f,
    .high = 1.0f,
    .forward = tanh_forward,
    .backward = tanh_backward,
};
