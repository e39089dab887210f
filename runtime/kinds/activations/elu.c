/* elu.c: y = x where x > 0, else alpha (exp(x) - 1) */
#include "runtime/kinds/activations/args.h"
#include "runtime/tensor/kernels.h"

static const ArgSpec args_of[] = {ELU_ARGS, ARG_END};

static void elu_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    kernels()->elu(rows * width, (float)((const EluArgs *)args)->alpha, x, y);
}

static void elu_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)y;
    kernels()->elu_back(rows * width, (float)((const EluArgs *)args)->alpha, x, dy, dx);
}

const ActivationKind activation_elu = {
    .kind = {.name = "elu", .keras = "elu", .family = FAMILY_ACTIVATION, .help = "below 0 a curve that ends at -alpha", .example = "dense(8, elu)",
             .args = args_of, .args_size = sizeof(EluArgs)},
    .reads = READS_X,
    .forward = elu_forward,
    .backward = elu_backward,
};
