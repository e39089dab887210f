/* gelu.c: y = x (1 + erf(x / sqrt 2)) / 2; approximate: x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2 */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    bool approximate;
} GeluArgs;

static const ArgSpec args_of[] = {
    ARG_BOOL(GeluArgs, approximate, false, .help = "by tanh instead of the exact error function"),
    ARG_END,
};

static void gelu_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    if (((const GeluArgs *)args)->approximate) kernels()->gelu_tanh(rows * width, x, y);
    else kernels()->gelu(rows * width, x, y);
}

static void gelu_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)y;
    if (((const GeluArgs *)args)->approximate) kernels()->gelu_tanh_back(rows * width, x, dy, dx);
    else kernels()->gelu_back(rows * width, x, dy, dx);
}

const ActivationKind activation_gelu = {
    .kind = {.name = "gelu", .keras = "gelu", .family = FAMILY_ACTIVATION, .help = "x times the share of a normal distribution below x",
             .example = "dense(8, gelu)", .args = args_of, .args_size = sizeof(GeluArgs)},
    .reads = READS_X,
    .forward = gelu_forward,
    .backward = gelu_backward,
};
