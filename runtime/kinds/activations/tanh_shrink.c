/* tanh_shrink.c: y = x - tanh x.   y' = (tanh x)^2 */
#include "runtime/kinds/activations/blocks.h"
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

static void tanh_shrink_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    const Kernels *k = kernels();
    float middle[BLOCK];
    for (int64_t at = 0, part; (part = block_length(rows * width, at)) > 0; at += part) {
        k->tanh(part, x + at, middle);
        k->sub(part, x + at, middle, y + at);
    }
}

static void tanh_shrink_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    const Kernels *k = kernels();
    float middle[BLOCK];
    for (int64_t at = 0, part; (part = block_length(rows * width, at)) > 0; at += part) {
        k->tanh(part, x + at, middle);
        k->mul(part, middle, middle, middle);
        k->mul(part, middle, dy + at, dx + at);
    }
}

const ActivationKind activation_tanh_shrink = {
    .kind = {.name = "tanh_shrink", .keras = "tanh_shrink", .keras_since = 9, .family = FAMILY_ACTIVATION, .help = "x less its tanh: small near 0",
             .example = "dense(8, tanh_shrink)"},
    .reads = READS_X,
    .forward = tanh_shrink_forward,
    .backward = tanh_shrink_backward,
};
