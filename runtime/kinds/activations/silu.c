/* silu.c: y = x sigmoid(x) */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

static void silu_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->silu(rows * width, x, y);
}

static void silu_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    kernels()->silu_back(rows * width, x, dy, dx);
}

const ActivationKind activation_silu = {
    .kind = {.name = "silu", .keras = "silu", .family = FAMILY_ACTIVATION, .help = "x times its sigmoid, also called swish", .example = "dense(8, silu)", .aliases = "swish"},
    .reads = READS_X,
    .forward = silu_forward,
    .backward = silu_backward,
};
