/* selu.c: y = 1.0507 elu(x, 1.67326) */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

static void selu_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->selu(rows * width, x, y);
}

static void selu_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    kernels()->selu_back(rows * width, x, dy, dx);
}

const ActivationKind activation_selu = {
    .kind = {.name = "selu", .keras = "selu", .family = FAMILY_ACTIVATION, .help = "an elu that keeps the scale of what flows through many layers", .example = "dense(8, selu)"},
    .reads = READS_X,
    .forward = selu_forward,
    .backward = selu_backward,
};
