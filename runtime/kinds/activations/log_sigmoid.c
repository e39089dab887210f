/* log_sigmoid.c: y = log(sigmoid(x)) = -softplus(-x).   y' = sigmoid(-x) */
#include "runtime/kinds/activations/blocks.h"
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

static void log_sigmoid_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    int64_t n = rows * width;
    kernels()->scale(n, -1.0f, x, y);
    kernels()->softplus(n, y, y);
    kernels()->scale(n, -1.0f, y, y);
}

static void log_sigmoid_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    const Kernels *k = kernels();
    float middle[BLOCK];
    for (int64_t at = 0, part; (part = block_length(rows * width, at)) > 0; at += part) {
        k->scale(part, -1.0f, x + at, middle);
        k->sigmoid(part, middle, middle);
        k->mul(part, middle, dy + at, dx + at);
    }
}

const ActivationKind activation_log_sigmoid = {
    .kind = {.name = "log_sigmoid", .keras = "log_sigmoid", .keras_since = 9, .family = FAMILY_ACTIVATION,
             .help = "the logarithm of the sigmoid, always below 0", .example = "dense(8, log_sigmoid)"},
    .reads = READS_X,
    .low = -INFINITY,
    .high = 0.0f,
    .forward = log_sigmoid_forward,
    .backward = log_sigmoid_backward,
};
