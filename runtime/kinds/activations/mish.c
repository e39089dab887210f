/* mish.c: y = x tanh(softplus(x)).   With t = tanh(softplus(x)), y' = t + x (1 - t^2) sigmoid(x) */
#include "runtime/kinds/activations/blocks.h"
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

static void mish_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    const Kernels *k = kernels();
    float middle[BLOCK];
    for (int64_t at = 0, part; (part = block_length(rows * width, at)) > 0; at += part) {
        k->softplus(part, x + at, middle);
        k->tanh(part, middle, middle);
        k->mul(part, x + at, middle, y + at);
    }
}

static void mish_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    const Kernels *k = kernels();
    float t[BLOCK], s[BLOCK];
    for (int64_t at = 0, part; (part = block_length(rows * width, at)) > 0; at += part) {
        k->softplus(part, x + at, t);
        k->tanh(part, t, t);
        k->sigmoid(part, x + at, s);
        for (int64_t i = 0; i < part; i++) dx[at + i] = dy[at + i] * (t[i] + x[at + i] * s[i] * (1.0f - t[i] * t[i]));
    }
}

const ActivationKind activation_mish = {
    .kind = {.name = "mish", .keras = "mish", .family = FAMILY_ACTIVATION, .help = "a smooth relu that dips a little below 0",
             .example = "dense(8, mish)"},
    .reads = READS_X,
    .forward = mish_forward,
    .backward = mish_backward,
};
