/* celu.c: y = x where x > 0, else alpha (exp(x / alpha) - 1): alpha elu(x / alpha), whose derivative is elu's at x / alpha */
#include "runtime/kinds/activations/blocks.h"
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    double alpha;
} CeluArgs;

static const ArgSpec args_of[] = {
    ARG_FLOAT(CeluArgs, alpha, .fallback = "1.0", .min = 0, .max = 1e30, .min_open = true,
              .help = "what large negative numbers come to, below 0"),
    ARG_END,
};

static void celu_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    float alpha = (float)((const CeluArgs *)args)->alpha;
    const Kernels *k = kernels();
    float curve[BLOCK];
    for (int64_t at = 0, part; (part = block_length(rows * width, at)) > 0; at += part) {
        k->scale(part, 1.0f / alpha, x + at, curve);
        k->elu(part, 1.0f, curve, curve);
        for (int64_t i = 0; i < part; i++) y[at + i] = x[at + i] > 0.0f ? x[at + i] : alpha * curve[i];
    }
}

static void celu_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)y;
    float alpha = (float)((const CeluArgs *)args)->alpha;
    const Kernels *k = kernels();
    float scaled[BLOCK];
    for (int64_t at = 0, part; (part = block_length(rows * width, at)) > 0; at += part) {
        k->scale(part, 1.0f / alpha, x + at, scaled);
        k->elu_back(part, 1.0f, scaled, dy + at, dx + at);
    }
}

const ActivationKind activation_celu = {
    .kind = {.name = "celu", .keras = "celu", .keras_since = 9, .family = FAMILY_ACTIVATION, .help = "elu whose slope at 0 is 1 for every alpha",
             .example = "dense(8, celu)", .args = args_of, .args_size = sizeof(CeluArgs)},
    .reads = READS_X,
    .forward = celu_forward,
    .backward = celu_backward,
};
