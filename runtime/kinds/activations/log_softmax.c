/* log_softmax.c: over the last axis, y_i = x_i - max x - log sum_j exp(x_j - max x).   dx = dy - exp(y) sum dy */
#include "runtime/kinds/activations/blocks.h"
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

static void log_softmax_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    const Kernels *k = kernels();
    float e[BLOCK];
    for (int64_t row = 0; row < rows; row++, x += width, y += width) {
        float most = k->largest(width, x), log_total;
        double total = 0;
        for (int64_t at = 0, part; (part = block_length(width, at)) > 0; at += part) {
            k->affine(part, 1.0f, -most, x + at, e);
            k->exp(part, e, e);
            total += k->sum(part, e);
        }
        log_total = (float)total;
        k->log(1, &log_total, &log_total);
        k->affine(width, 1.0f, -most, x, y);
        k->affine(width, 1.0f, -log_total, y, y);
    }
}

static void log_softmax_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)x;
    const Kernels *k = kernels();
    float e[BLOCK];
    for (int64_t row = 0; row < rows; row++, y += width, dy += width, dx += width) {
        float total = (float)k->sum(width, dy);
        for (int64_t at = 0, part; (part = block_length(width, at)) > 0; at += part) {
            k->exp(part, y + at, e);
            k->scale(part, total, e, e);
            k->sub(part, dy + at, e, dx + at);
        }
    }
}

const ActivationKind activation_log_softmax = {
    .kind = {.name = "log_softmax", .keras = "log_softmax", .family = FAMILY_ACTIVATION, .help = "the logarithms of softmax",
             .example = "dense(8, log_softmax)"},
    .by_row = true,
    .reads = READS_Y,
    .low = -INFINITY,
    .high = 0.0f,
    .forward = log_softmax_forward,
    .backward = log_softmax_backward,
};
